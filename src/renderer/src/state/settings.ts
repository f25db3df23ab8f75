/** Settings of the host applied to the page: theme, language, motion. The last ones are remembered in the page, so that the first paint does not flash. */
import { useSyncExternalStore } from 'react';
import type { Settings } from '../../../shared/schema/entities.ts';
import { setLanguage } from '../i18n/index.ts';
import { pickLanguage } from '../i18n/languages.ts';
import type { Language } from '../i18n/languages.ts';
import { api } from './client.ts';
import { useEntities } from './entities.ts';
import { shell } from './shell.ts';

const KEY = 'anneal.look';
export type Look = Pick<Settings, 'theme' | 'language' | 'reduced_motion'>;
const DEFAULT: Look = { theme: 'system', language: 'system', reduced_motion: false };

function remembered(): Look {
  try { return { ...DEFAULT, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Look> }; } catch { return DEFAULT; }
}
const prefersLight = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: light)') : null;
const listeners = new Set<() => void>();
let look: Look = DEFAULT;

export type Scheme = 'light' | 'dark';
const scheme = (): Scheme => (look.theme === 'system' ? (prefersLight?.matches === true ? 'light' : 'dark') : look.theme);

function apply(next: Look): void {
  look = { theme: next.theme, language: next.language, reduced_motion: next.reduced_motion };
  const root = document.documentElement;
  root.dataset['theme'] = scheme();
  if (look.reduced_motion) root.dataset['motion'] = 'reduced'; else delete root.dataset['motion'];
  for (const fn of listeners) fn();
}

/** Before the first render: what was chosen last time. Returns the language to start with. */
export function startLook(): Language {
  apply(remembered());
  prefersLight?.addEventListener('change', () => { apply(look); });
  return pickLanguage(look.language, navigator.languages);
}
/** Then: whatever the host says, at once. */
export function followSettings(): void {
  useEntities.subscribe((now, before) => {
    const { settings } = now;
    if (!settings || settings === before.settings) return;
    apply(settings);
    void setLanguage(settings.language);
    try { localStorage.setItem(KEY, JSON.stringify(look)); } catch { /* private window: only the first paint is poorer */ }
    shell?.appearance.set({ theme: settings.theme, locale: pickLanguage(settings.language, navigator.languages) }).catch(() => { /* only the colour before the next start */ });
  });
}
export const useScheme = (): Scheme => useSyncExternalStore((fn) => { listeners.add(fn); return () => { listeners.delete(fn); }; }, scheme);
export const useSettings = (): Settings | null => useEntities((s) => s.settings);

/** Shows the change at once; the host's answer is what stays. */
export async function saveSettings(patch: Partial<Settings>): Promise<void> {
  const before = useEntities.getState().settings;
  if (before) useEntities.setState({ settings: { ...before, ...patch } });
  try { useEntities.setState({ settings: await api.settings.set(patch) }); } catch (e) {
    if (before) useEntities.setState({ settings: before });
    throw e;
  }
}
