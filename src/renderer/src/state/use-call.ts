/** One request of a page: its answer, its error, whether it is under way. Asks again when `key` changes or after a reconnect; what was asked before is cancelled. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLink } from './client.ts';

export interface CallState<T> { data: T | undefined; error: unknown; loading: boolean; reload: () => void }

/** `ask` may be a new function at each render; `key` says when it means something else. Null: nothing to ask. The old answer stays while the new one is under way only if `keep`. */
export function useCall<T>(ask: (signal: AbortSignal) => Promise<T>, key: string | null, { keep = false }: { keep?: boolean } = {}): CallState<T> {
  const [state, setState] = useState<{ key: string | null; data: T | undefined; error: unknown; loading: boolean }>({ key: null, data: undefined, error: null, loading: key !== null });
  const [turn, setTurn] = useState(0), open = useLink((s) => s.status === 'open'), latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === null || !open) return undefined;
    const abort = new AbortController();
    setState((s) => ({ key, data: keep || s.key === key ? s.data : undefined, error: null, loading: true }));
    latest.current(abort.signal).then(
      (data) => { if (!abort.signal.aborted) setState({ key, data, error: null, loading: false }); },
      (error: unknown) => { if (!abort.signal.aborted) setState((s) => ({ key, data: keep ? s.data : undefined, error, loading: false })); },
    );
    return () => { abort.abort(); };
  }, [key, open, turn, keep]);
  const reload = useCallback(() => { setTurn((n) => n + 1); }, []);
  const stale = state.key !== key;
  return { data: stale && !keep ? undefined : state.data, error: stale ? null : state.error, loading: key !== null && (stale || state.loading), reload };
}
