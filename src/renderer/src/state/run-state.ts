/** What may be done with a run in each state. The host decides in the end; this keeps the window from offering what it would refuse. */
import type { Checkpoint, Run, RunStatus } from '../../../shared/schema/entities.ts';

export type RunAction = 'pause' | 'resume' | 'stop';
export const isLive = (s: RunStatus): boolean => s === 'starting' || s === 'running' || s === 'evaluating' || s === 'pausing' || s === 'stopping';
export const isOver = (s: RunStatus): boolean => s === 'completed' || s === 'failed' || s === 'stopped' || s === 'interrupted';

export function canDo(action: RunAction, run: Pick<Run, 'status' | 'step' | 'total_steps'>): boolean {
  switch (action) {
    case 'pause': return run.status === 'running' || run.status === 'evaluating' || run.status === 'queued' || run.status === 'starting';
    case 'resume': return run.status === 'paused' || run.status === 'interrupted' || run.status === 'stopped' || run.status === 'failed';
    case 'stop': return run.status === 'running' || run.status === 'evaluating' || run.status === 'paused' || run.status === 'queued' || run.status === 'starting';
  }
}

export type StatusTone = 'hot' | 'good' | 'warn' | 'bad' | 'calm';
export function statusTone(s: RunStatus): StatusTone {
  if (isLive(s)) return 'hot';
  if (s === 'completed') return 'good';
  if (s === 'failed') return 'bad';
  return s === 'interrupted' || s === 'paused' ? 'warn' : 'calm';
}

/** Share done, 0 to 1. */
export const progressOf = (run: Pick<Run, 'step' | 'total_steps'>): number => (run.total_steps > 0 ? Math.min(1, run.step / run.total_steps) : 0);

/** Live first, then waiting in the order in which they will start, then the rest, newest first. */
export function inListOrder(runs: readonly Run[]): Run[] {
  const rank = (r: Run): number => (isLive(r.status) ? 0 : r.status === 'queued' ? 1 : 2);
  return [...runs].sort((a, b) => rank(a) - rank(b) || (rank(a) === 1 ? (a.queue ?? 0) - (b.queue ?? 0) || a.created_at - b.created_at : b.created_at - a.created_at));
}

/** The best by held-out loss as the host marked it, else the latest. `list` latest first. */
export const bestOf = (run: Run, list: readonly Checkpoint[]): Checkpoint | null => list.find((c) => c.step === run.best_step) ?? list[0] ?? null;
