/** All commands of this moment in the language of the page, and the listener that runs them by shortcut. */
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLatest } from '../state/use-latest.ts';
import type { Action } from './action.ts';
import { GLOBAL_ACTIONS } from './global-actions.ts';
import type { ActionContext } from './global-actions.ts';
import { keepsKey, matchShortcut, pressName } from './match-shortcut.ts';
import { useRegisteredActions } from './page-actions.ts';

/** Page actions first: they are nearest to what one does. */
export function useActions(context: ActionContext): readonly Action[] {
  const { t } = useTranslation(), groups = useRegisteredActions((s) => s.groups), latest = useLatest(context);
  return useMemo(() => [
    ...groups.flatMap((g) => g.actions),
    ...GLOBAL_ACTIONS.map((a): Action => ({ id: a.id, label: t(a.label), section: t(`section.${a.section}`), shortcut: a.shortcut, run: () => { a.run(latest.current); } })),
  ], [groups, t, latest]);
}

const SEQUENCE_MS = 900;
export function useShortcuts(actions: readonly Action[], blocked: boolean): void {
  const latest = useLatest({ actions, blocked });
  useEffect(() => {
    let before: string | null = null, at = 0;
    const onKey = (e: KeyboardEvent): void => {
      const name = pressName(e);
      if (name === null || e.defaultPrevented || e.isComposing || latest.current.blocked) return;
      const element = document.activeElement, last = e.timeStamp - at < SEQUENCE_MS ? before : null;
      const usable = latest.current.actions.filter((a) => a.enabled !== false && (a.inFields === true || !keepsKey(element, name)));
      const { action, pending } = matchShortcut(usable, last, name);
      before = pending && !keepsKey(element, name) ? name : null;
      at = e.timeStamp;
      if (!action || (e.repeat && action.shortcut !== undefined)) return;
      e.preventDefault();
      action.run();
    };
    window.addEventListener('keydown', onKey);
    return () => { window.removeEventListener('keydown', onKey); };
  }, [latest]);
}
