/** The window: frame, pages, palette, shortcuts, messages. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { Palette } from '../actions/palette.tsx';
import { ShortcutsDialog } from '../actions/shortcuts-dialog.tsx';
import { useActions, useShortcuts } from '../actions/use-actions.ts';
import { styleNonce } from '../platform/style-nonce.ts';
import { api, useEverOpen, useLink } from '../state/client.ts';
import { useEntities, useLiveCount } from '../state/entities.ts';
import { saveSettings, useScheme } from '../state/settings.ts';
import { AppFrame, ErrorNote, toast, Toasts, UiProvider, useCopy } from '../ui/index.ts';
import { ConnectionScreen } from './connection-screen.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { isCurrent, NAV } from './nav.tsx';
import { Pages } from './pages.tsx';
import { StatusFoot } from './status-foot.tsx';

const NEXT_THEME = { system: 'light', light: 'dark', dark: 'system' } as const;

export function App() {
  const scheme = useScheme();
  return <UiProvider scheme={scheme} nonce={styleNonce}><Window /><Toasts /></UiProvider>;
}

function Window() {
  const { t, i18n } = useTranslation(), [path] = useLocation(), linkState = useLink(), live = useLiveCount(), { copy } = useCopy();
  const [dialog, setDialog] = useState<'palette' | 'shortcuts' | null>(null);
  const entityError = useEntities((s) => s.error);
  const everOpen = useEverOpen((s) => s.yes);

  const actions = useActions({
    openPalette: () => { setDialog('palette'); }, openShortcuts: () => { setDialog('shortcuts'); },
    cycleTheme: () => { const now = useEntities.getState().settings; if (now) saveSettings({ theme: NEXT_THEME[now.theme] }).catch(toast.error); },
    toggleLanguage: () => { saveSettings({ language: i18n.language === 'en' ? 'zh-CN' : 'en' }).catch(toast.error); },
    startDemo: () => { api.demo.start().catch(toast.error); },
    copyDiagnostics: () => { copy(async () => (await api.system.diagnostics()).text).then(() => { toast.done(t('diagnosticsCopied')); }, toast.error); },
  });
  useShortcuts(actions, dialog !== null);
  useFocusAtNavigation(path);

  const sections = useMemo(() => NAV.map((s) => ({
    id: s.id, ...(s.id === 'make' || s.id === 'judge' ? { label: t(`nav.${s.id}`) } : s.id === 'program' ? { label: t('nav.program') } : {}),
    items: s.items.map((i) => ({ href: i.href, icon: i.icon, label: t(`nav.${i.id}`), current: isCurrent(i.href, path), ...(i.id === 'runs' && live > 0 ? { badge: t('nav.live', { count: live }) } : {}) })),
  })), [t, path, live]);

  return (
    <AppFrame sections={sections} foot={<StatusFoot />} skip={t('nav.skip')} navLabel={t('nav.label')}>
      {linkState.status === 'connecting' && everOpen && linkState.attempt > 0 && <div className="banner" role="status">{t('connection.lost')}</div>}
      {entityError !== null && <ErrorNote error={entityError} />}
      {linkState.status === 'refused' || linkState.status === 'outdated' || (linkState.status === 'connecting' && !everOpen)
        ? <ConnectionScreen state={linkState} />
        : <ErrorBoundary place={path} kept={t('connection.kept')}><Pages /></ErrorBoundary>}
      <Palette open={dialog === 'palette'} onClose={() => { setDialog(null); }} actions={actions} />
      <ShortcutsDialog open={dialog === 'shortcuts'} onClose={() => { setDialog(null); }} actions={actions} />
    </AppFrame>
  );
}

/** A new page starts at its top, and keyboard and screen reader with it. */
function useFocusAtNavigation(path: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) { first.current = false; return; }
    const main = document.getElementById('main');
    main?.scrollTo(0, 0);
    main?.focus({ preventScroll: true });
  }, [path]);
}
