/** Follows a stream for as long as a page shows it, and again after a reconnect. */
import { useEffect, useRef, useState } from 'react';
import { errorShape } from '../../../shared/errors.ts';
import { useLink } from './client.ts';

/** `key` null: nothing to follow. Returns the error that ended the stream, if one did; a lost connection is none. */
export function useStream<T>(open: (signal: AbortSignal) => AsyncIterable<T>, onItem: (item: T) => void, key: string | null): unknown {
  const connected = useLink((s) => s.status === 'open'), latest = useRef({ open, onItem }), [error, setError] = useState<unknown>(null);
  latest.current = { open, onItem };
  useEffect(() => {
    if (key === null || !connected) return undefined;
    const abort = new AbortController();
    setError(null);
    (async () => { for await (const item of latest.current.open(abort.signal)) { if (abort.signal.aborted) return; latest.current.onItem(item); } })()
      .catch((e: unknown) => { if (!abort.signal.aborted && errorShape(e).code !== 'disconnected') setError(e); });
    return () => { abort.abort(); };
  }, [key, connected]);
  return error;
}
