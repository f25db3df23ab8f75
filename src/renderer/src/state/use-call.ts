/** One request of a page: its answer, its error, whether it is under way. Asks again when `key` changes or after a reconnect; what was asked before is cancelled. */
import { useCallback, useEffect, useState } from 'react';
import { useLink } from './client.ts';
import { useLatest } from './use-latest.ts';

export interface CallState<T> { data: T | undefined; error: unknown; loading: boolean; reload: () => void }
interface Answer<T> { turn: string; key: string | null; data: T | undefined; error: unknown }

/** `ask` may be a new function at each render; `key` says when it means something else. Null: nothing to ask. With `keep`, the answer to the last key stays until there is one to the new. */
export function useCall<T>(ask: (signal: AbortSignal) => Promise<T>, key: string | null, { keep = false }: { keep?: boolean } = {}): CallState<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ turn: '', key: null, data: undefined, error: null });
  const [asked, setAsked] = useState(0), open = useLink((s) => s.status === 'open'), latest = useLatest(ask), turn = `${asked}:${key ?? ''}`;
  useEffect(() => {
    if (key === null || !open) return undefined;
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (data) => { if (!abort.signal.aborted) setAnswer({ turn, key, data, error: null }); },
      (error: unknown) => { if (!abort.signal.aborted) setAnswer((a) => ({ turn, key, data: keep || a.key === key ? a.data : undefined, error })); },
    );
    return () => { abort.abort(); };
  }, [key, open, turn, keep, latest]);
  const reload = useCallback(() => { setAsked((n) => n + 1); }, []);
  const mine = answer.key === key, settled = answer.turn === turn;
  return { data: mine || keep ? answer.data : undefined, error: settled ? answer.error : null, loading: key !== null && !settled, reload };
}
