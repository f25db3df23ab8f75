/** Models, datasets, runs, checkpoints, demos and settings of the host, kept up to date by its stream of changes: no polling. Filled anew after every reconnect, so that nothing removed meanwhile stays. */
import { useMemo } from 'react';
import { create } from 'zustand';
import type { Change } from '../../../shared/contract.ts';
import type { Checkpoint, Dataset, Demo, Model, Run } from '../../../shared/schema/entities.ts';
import type { ExportRecord } from '../../../shared/schema/export.ts';
import { api, useLink } from './client.ts';
import { byKey, NO_ENTITIES, reduceChanges } from './reduce-change.ts';
import type { Entities } from './reduce-change.ts';
import { byName, checkpointsOf, isLive, latestDemo, newestFirst } from './selectors.ts';

export interface EntityState extends Entities { /** The lists were read once: what is not there does not exist. */ ready: boolean; error: unknown }
export const useEntities = create<EntityState>(() => ({ ...NO_ENTITIES, ready: false, error: null }));

let pending: Change[] = [], frame = 0;
/** One update a frame, however many changes arrive. */
function flush(): void {
  frame = 0;
  const changes = pending;
  pending = [];
  if (changes.length > 0) useEntities.setState((s) => reduceChanges(s, changes));
}
function push(change: Change): void {
  pending.push(change);
  // A hidden page gets no frames; then a timer does.
  if (frame === 0) frame = document.hidden ? (setTimeout(flush, 200), 1) : requestAnimationFrame(flush);
}

async function follow(signal: AbortSignal): Promise<void> {
  const changes = (async () => { for await (const change of api.changes.watch({}, { signal })) push(change); })();
  changes.catch(() => { /* awaited below */ });
  const [models, datasets, runs, checkpoints, demo, exports, settings] = await Promise.all([api.models.list({}, { signal }), api.datasets.list({}, { signal }), api.runs.list({}, { signal }), api.runs.checkpoints({}, { signal }), api.demo.latest({}, { signal }), api.exports.list({}, { signal }), api.settings.get({}, { signal })]);
  useEntities.setState({ model: byKey(models), dataset: byKey(datasets), run: byKey(runs), checkpoint: byKey(checkpoints), demo: demo ? { [demo.id]: demo } : {}, export: byKey(exports), settings, ready: true, error: null });
  await changes;
}

/** Follows the host for as long as the page lives. */
export function startEntities(): void {
  let abort: AbortController | undefined;
  const restart = (): void => {
    abort?.abort();
    const mine = abort = new AbortController();
    follow(mine.signal).catch((error: unknown) => { if (!mine.signal.aborted && useLink.getState().status === 'open') useEntities.setState({ error }); });
  };
  if (useLink.getState().status === 'open') restart();
  useLink.subscribe((now, before) => { if (now.status === 'open' && now !== before) restart(); });
}

const useTable = <K extends 'model' | 'dataset' | 'run' | 'checkpoint' | 'demo' | 'export'>(topic: K): Entities[K] => useEntities((s) => s[topic]);
const NO_ID = '';
export const useReady = (): boolean => useEntities((s) => s.ready);
export function useModels(): Model[] { const all = useTable('model'); return useMemo(() => byName(Object.values(all)), [all]); }
export function useDatasets(): Dataset[] { const all = useTable('dataset'); return useMemo(() => byName(Object.values(all)), [all]); }
/** Newest first. */
export function useRuns(): Run[] { const all = useTable('run'); return useMemo(() => newestFirst(Object.values(all)), [all]); }
/** Of one run or of all, latest step first. */
export function useCheckpoints(runId?: string): Checkpoint[] { const all = useTable('checkpoint'); return useMemo(() => (runId === undefined ? newestFirst(Object.values(all)) : checkpointsOf(Object.values(all), runId)), [all, runId]); }
export const useModel = (id: string | null | undefined): Model | undefined => useEntities((s) => s.model[id ?? NO_ID]);
export const useDataset = (id: string | null | undefined): Dataset | undefined => useEntities((s) => s.dataset[id ?? NO_ID]);
export const useRun = (id: string | null | undefined): Run | undefined => useEntities((s) => s.run[id ?? NO_ID]);
export const useCheckpoint = (id: string | null | undefined): Checkpoint | undefined => useEntities((s) => s.checkpoint[id ?? NO_ID]);
export function useDemo(): Demo | null { const all = useTable('demo'); return useMemo(() => latestDemo(Object.values(all)), [all]); }
/** Newest first. */
export function useExports(): ExportRecord[] { const all = useTable('export'); return useMemo(() => newestFirst(Object.values(all)), [all]); }
export const useLiveCount = (): number => useEntities((s) => Object.values(s.run).filter(isLive).length);
