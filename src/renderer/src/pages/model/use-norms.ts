/** Norms of a model's tensors, measured when asked for; kept for as long as the window lives, by model and weight hash. */
import { useCallback, useEffect } from 'react';
import { create } from 'zustand';
import type { TensorNorm } from '../../../../shared/schema/model-view.ts';
import { api } from '../../state/client.ts';

interface Norms { status: 'running' | 'done' | 'stopped' | 'failed'; done: number; total: number; norms: ReadonlyMap<string, TensorNorm>; skipped: ReadonlyMap<string, string>; error: unknown }
const useAll = create<{ of: Record<string, Norms> }>(() => ({ of: {} }));
const running = new Map<string, AbortController>();
const SHOW_EVERY_MS = 100;

async function measure(key: string, id: string): Promise<void> {
  running.get(key)?.abort();
  const abort = new AbortController(), norms = new Map<string, TensorNorm>(), skipped = new Map<string, string>();
  running.set(key, abort);
  const put = (patch: Partial<Norms>): void => { useAll.setState((s) => ({ of: { ...s.of, [key]: { status: 'running', done: 0, total: 0, error: null, ...s.of[key], norms: new Map(norms), skipped: new Map(skipped), ...patch } } })); };
  put({ status: 'running', done: 0, total: 0, error: null });
  let shown = 0, done = 0, total = 0;
  try {
    for await (const item of api.models.norms({ id }, { signal: abort.signal })) {
      for (const n of item.norms) norms.set(n.name, n);
      for (const s of item.skipped) skipped.set(s.name, s.reason);
      ({ done, total } = item);
      if (performance.now() - shown > SHOW_EVERY_MS) { shown = performance.now(); put({ done, total }); }
    }
    put({ status: abort.signal.aborted ? 'stopped' : 'done', done, total });
  } catch (error) { put(abort.signal.aborted ? { status: 'stopped', done, total } : { status: 'failed', done, total, error }); } finally { if (running.get(key) === abort) running.delete(key); }
}

export function useNorms(id: string, hash: string): { norms: Norms | undefined; start: () => void; stop: () => void } {
  const key = `${id}:${hash}`, norms = useAll((s) => s.of[key]);
  const start = useCallback(() => { void measure(key, id); }, [key, id]), stop = useCallback(() => { running.get(key)?.abort(); }, [key]);
  // Nobody looks any more: the reading ends, what was measured stays.
  useEffect(() => stop, [stop]);
  return { norms, start, stop };
}
