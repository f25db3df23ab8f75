/** Follows a stream for as long as a page shows it, and again after a reconnect. */
import { useEffect, useState } from 'react';
import { errorShape } from '../../../shared/errors.ts';
import { useLink } from './client.ts';
import { useLatest } from './use-latest.ts';

/** `key` null: nothing to follow. Returns the error that ended the stream, if one did; a lost connection is none. */
export function useStream<T>(open: (signal: AbortSignal) => AsyncIterable<T>, onItem: (item: T) => void, key: string | null): unknown {
  const connected = useLink((s) => s.status === 'open'), latest = useLatest({ open, onItem }), [failed, setFailed] = useState<{ key: string; error: unknown } | null>(null);
  useEffect(() => {
    if (key === null || !connected) return undefined;
    const abort = new AbortController();
    (async () => { for await (const item of latest.current.open(abort.signal)) { if (abort.signal.aborted) return; latest.current.onItem(item); } })()
      .catch((error: unknown) => { if (!abort.signal.aborted && errorShape(error).code !== 'disconnected') setFailed({ key, error }); });
    return () => { abort.abort(); };
  }, [key, connected, latest]);
  return failed?.key === key ? failed?.error ?? null : null;
}
