/** Questions about entities, as pure functions. */
import type { Checkpoint, Demo, Run, RunStatus } from '../../../shared/schema/entities.ts';

const LIVE: ReadonlySet<RunStatus> = new Set(['starting', 'running', 'evaluating', 'pausing', 'stopping']);
/** It computes now, or is about to. */
export const isLive = (run: Run): boolean => LIVE.has(run.status);
export const newestFirst = <T extends { created_at: number; id: string }>(records: Iterable<T>): T[] => [...records].toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
export const byName = <T extends { name: string }>(records: Iterable<T>): T[] => [...records].toSorted((a, b) => a.name.localeCompare(b.name));
export const checkpointsOf = (all: Iterable<Checkpoint>, runId: string): Checkpoint[] => [...all].filter((c) => c.run_id === runId).toSorted((a, b) => b.step - a.step);
export const latestDemo = (all: Iterable<Demo>): Demo | null => [...all].toSorted((a, b) => b.started_at - a.started_at)[0] ?? null;
/** The demo works on its result now. */
export const demoUnderWay = (demo: Demo | null): boolean => demo !== null && demo.status !== 'done' && demo.status !== 'failed' && demo.status !== 'cancelled';
