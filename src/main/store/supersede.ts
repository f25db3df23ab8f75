/** A resumed attempt starts at a saved step; what earlier attempts wrote past that step is kept but no longer shown. */
import type { Attempt } from './runs.ts';

/** The last step of `attempt` that still counts; infinity for the newest. */
export function lastValidStep(attempts: readonly Attempt[], attempt: number): number {
  return attempts.reduce((last, later) => (later.attempt > attempt ? Math.min(last, later.from_step) : last), Infinity);
}
