/** Actions of the page in sight. `usePageActions([...])` in a page: they join palette, shortcuts and the shortcut list, and leave with the page. */
import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { useLatest } from '../state/use-latest.ts';
import type { Action } from './action.ts';

export const useRegisteredActions = create<{ groups: readonly { key: object; actions: readonly Action[] }[] }>(() => ({ groups: [] }));

export function usePageActions(actions: readonly Action[]): void {
  const key = useRef({}), latest = useLatest(actions);
  // What the palette shows decides whether the list is told; `run` is always the newest.
  const shape = actions.map((a) => `${a.id}|${a.label}|${a.shortcut ?? ''}|${a.enabled !== false}`).join('\n');
  useEffect(() => {
    const group = { key: key.current, actions: latest.current.map((a, i): Action => ({ ...a, run: () => { latest.current[i]?.run(); } })) };
    useRegisteredActions.setState(({ groups }) => ({ groups: [...groups.filter((g) => g.key !== group.key), group] }));
    return () => { useRegisteredActions.setState(({ groups }) => ({ groups: groups.filter((g) => g.key !== group.key) })); };
  }, [shape, latest]);
}
