/** Commands that work everywhere. One object each; palette, shortcuts and the shortcut list derive from here. */
import type { ParseKeys } from 'i18next';
import { navigate } from 'wouter/use-browser-location';
import { routes } from '../routes.ts';

export interface GlobalAction { id: string; label: ParseKeys<'common'>; section: 'go' | 'make' | 'app'; shortcut?: string; run: (context: ActionContext) => void }
/** What the app lends to commands. */
export interface ActionContext { openPalette: () => void; openShortcuts: () => void; cycleTheme: () => void; toggleLanguage: () => void; startDemo: () => void; copyDiagnostics: () => void }

const go = (id: string, label: GlobalAction['label'], to: string, key: string): GlobalAction => ({ id: `go.${id}`, label, section: 'go', shortcut: `G ${key}`, run: () => { navigate(to); } });

export const GLOBAL_ACTIONS: readonly GlobalAction[] = [
  { id: 'palette', label: 'action.palette', section: 'app', shortcut: 'Mod+K', run: (c) => { c.openPalette(); } },
  go('home', 'action.goHome', routes.home, 'H'),
  go('models', 'action.goModels', routes.models, 'M'),
  go('datasets', 'action.goDatasets', routes.datasets, 'D'),
  go('train', 'action.goTrain', routes.train(), 'T'),
  go('runs', 'action.goRuns', routes.runs, 'R'),
  go('compare', 'action.goCompare', routes.compare(), 'C'),
  go('settings', 'action.goSettings', routes.settings, 'S'),
  { id: 'demo.start', label: 'action.startDemo', section: 'make', run: (c) => { navigate(routes.home); c.startDemo(); } },
  { id: 'model.import', label: 'action.importModel', section: 'make', run: () => { navigate(`${routes.models}?import=1`); } },
  { id: 'dataset.import', label: 'action.importDataset', section: 'make', run: () => { navigate(`${routes.datasets}?import=1`); } },
  { id: 'theme.cycle', label: 'action.cycleTheme', section: 'app', shortcut: 'Shift+T', run: (c) => { c.cycleTheme(); } },
  { id: 'language.toggle', label: 'action.toggleLanguage', section: 'app', shortcut: 'Shift+L', run: (c) => { c.toggleLanguage(); } },
  { id: 'diagnostics.copy', label: 'action.copyDiagnostics', section: 'app', run: (c) => { c.copyDiagnostics(); } },
  { id: 'shortcuts', label: 'action.shortcuts', section: 'app', shortcut: '?', run: (c) => { c.openShortcuts(); } },
];
