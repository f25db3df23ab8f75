/** Rows of a dataset by page, asked for as they come into sight; pages far away are forgotten. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RowView } from '../../../../shared/schema/data.ts';
import { api, useLink } from '../../state/client.ts';

const PAGE = 100, KEPT = 12;

export interface Rows { total: number | undefined; row: (index: number) => RowView | undefined; onRange: (first: number, last: number) => void; error: unknown; reload: () => void }

export function useRows(id: string, query: string): Rows {
  const connected = useLink((s) => s.status === 'open'), [turn, setTurn] = useState(0), [, redraw] = useState(0), now = `${turn}:${id}:${query}`;
  const [answer, setAnswer] = useState<{ now: string; total: number | undefined; error: unknown }>({ now: '', total: undefined, error: null });
  const pages = useRef(new Map<number, RowView[]>()), asked = useRef(new Set<number>()), abort = useRef(new AbortController());

  const load = useCallback((page: number): void => {
    if (asked.current.has(page)) return;
    asked.current.add(page);
    const { signal } = abort.current;
    api.datasets.rows({ id, offset: page * PAGE, limit: PAGE, ...(query === '' ? {} : { query }) }, { signal }).then((rows) => {
      if (signal.aborted) return;
      pages.current.set(page, rows.rows);
      for (const old of [...pages.current.keys()].toSorted((a, b) => Math.abs(b - page) - Math.abs(a - page)).slice(0, Math.max(0, pages.current.size - KEPT))) { pages.current.delete(old); asked.current.delete(old); }
      setAnswer({ now, total: rows.total, error: null });
      redraw((n) => n + 1);
    }, (error: unknown) => { asked.current.delete(page); if (!signal.aborted) setAnswer({ now, total: undefined, error }); });
  }, [id, query, now]);

  useEffect(() => {
    if (!connected) return undefined;
    const mine = abort.current = new AbortController();
    pages.current.clear();
    asked.current.clear();
    load(0);
    return () => { mine.abort(); };
  }, [load, connected]);

  return {
    total: answer.now === now ? answer.total : undefined, error: answer.now === now ? answer.error : null, reload: useCallback(() => { setTurn((n) => n + 1); }, []),
    row: (index) => pages.current.get(Math.floor(index / PAGE))?.[index % PAGE],
    onRange: useCallback((first: number, last: number) => { for (let p = Math.floor(first / PAGE); p <= Math.floor(last / PAGE); p++) load(p); }, [load]),
  };
}
