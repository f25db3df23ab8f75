/** Live data of one run: a pulse ("metrics are at seq S") and, on each beat, a pull of down-sampled series. Pulls never overlap, come at most four a second, and wait while the window is hidden. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Series } from '../../../../shared/contract.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { LogLine, Sample } from '../../../../shared/schema/entities.ts';
import type { XUnit } from '../../charts/chart-line.ts';
import { CALM_MS } from '../../charts/redraw-gate.ts';
import { api } from '../../state/client.ts';
import { useStream } from '../../state/use-stream.ts';

export interface Pulse { seq: number; step: number; log_seq: number; samples: number }
const pause = (ms: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => { const h = setTimeout(resolve, ms); signal.addEventListener('abort', () => { clearTimeout(h); resolve(); }); });

/** Null until the first beat. */
export function usePulse(id: string): Pulse | null {
  const [pulse, setPulse] = useState<{ id: string; beat: Pulse } | null>(null);
  useStream((signal) => api.runs.watch({ id }, { signal }), (beat) => { setPulse({ id, beat }); }, id);
  return pulse?.id === id ? pulse.beat : null;
}

/** Calls `pull` when `beat` changes, at most one at a time, and reports its last result. `key` names what is pulled: a new key forgets the old result. */
function usePull<T>(key: string, beat: number | null, pull: (signal: AbortSignal) => Promise<T>): { value: T | null; error: unknown } {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown }>({ key, value: null, error: null });
  const fn = useRef(pull);
  useLayoutEffect(() => { fn.current = pull; });
  const wanted = useRef<() => void>(() => undefined);
  useEffect(() => {
    const stop = new AbortController();
    let busy = false, again = false, last = -Infinity;
    const run = async (): Promise<void> => {
      if (busy || document.hidden) { again = true; return; }
      busy = true; again = false;
      const wait = last + CALM_MS - performance.now();
      if (wait > 0) await pause(wait, stop.signal);
      last = performance.now();
      try {
        const value = await fn.current(stop.signal);
        if (!stop.signal.aborted) setState({ key, value, error: null });
      } catch (error) { if (!stop.signal.aborted) setState((s) => ({ key, value: s.key === key ? s.value : null, error })); }
      busy = false;
      if (again && !stop.signal.aborted) void run();
    };
    wanted.current = () => { void run(); };
    const seen = (): void => { if (!document.hidden && again) void run(); };
    document.addEventListener('visibilitychange', seen);
    return () => { stop.abort(); document.removeEventListener('visibilitychange', seen); };
  }, [key]);
  useEffect(() => { wanted.current(); }, [key, beat]);
  return state.key === key ? state : { value: null, error: null };
}

/** Series by name. Keeps the previous unit's curves out: a new unit starts empty. */
export function useSeries(id: string, names: readonly MetricId[], x: XUnit, points: number, beat: number | null): { series: Record<string, Series> | null; error: unknown } {
  const { value, error } = usePull(`${id}|${names.join()}|${x}|${points}`, beat, (signal) => api.runs.metrics({ id, names: [...names], x, points }, { signal }));
  const series = useMemo(() => (value === null ? null : Object.fromEntries(value.series.map((s) => [s.name, s]))), [value]);
  return { series, error };
}

export function useSamples(id: string, beat: number | null): Sample[] | null {
  return usePull(`${id}|samples`, beat, (signal) => api.runs.samples({ id }, { signal })).value;
}

const LOG_LINES = 2000;
/** The last lines of the log, growing as the pulse tells of more. */
export function useLog(id: string, beat: number | null): LogLine[] | null {
  const lines = useRef<{ id: string; list: LogLine[] }>({ id, list: [] });
  return usePull(`${id}|log`, beat, async (signal) => {
    if (lines.current.id !== id) lines.current = { id, list: [] };
    for (;;) {
      const more = await api.runs.log({ id, after: lines.current.list.at(-1)?.seq ?? 0, limit: LOG_LINES }, { signal });
      lines.current.list = [...lines.current.list, ...more].slice(-LOG_LINES);
      if (more.length < LOG_LINES) return lines.current.list;
    }
  }).value;
}
