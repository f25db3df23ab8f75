/**
 * Whether an engine lives, from the beats of its watchdog, the pace of its steps and the host's own clock. Pure: every time is a parameter, in milliseconds of a monotonic clock.
 * An engine that has never beaten is not judged. Being blocked, however long, is never silence.
 */
import { formatDuration } from '../../../shared/units.ts';

export interface LivenessLimits {
  /** No beat for this long: the process is frozen. */
  silentMs: number;
  /** Blocked for longer than this, and than so many usual steps: stalled. */
  stalledMs: number;
  stalledSteps: number;
  /** Between two looks of the host: longer, and the host itself stood still, so that the wait begins anew. */
  lateMs: number;
}
export const LIVENESS: LivenessLimits = { silentMs: 30_000, stalledMs: 120_000, stalledSteps: 10, lateMs: 5000 };

export type Vital =
  | { state: 'alive' }
  /** `stepMs`: the usual length of a step; null: no two steps are known yet. */
  | { state: 'stalled'; blockedMs: number; stepMs: number | null }
  | { state: 'silent'; silentMs: number };

const RECENT_STEPS = 32;

export class Liveness {
  readonly #limits: LivenessLimits;
  #heard: number | undefined;
  #looked: number | undefined;
  #blocked = 0;
  #last: { step: number; seconds: number } | undefined;
  readonly #steps: number[] = [];

  constructor(limits: Partial<LivenessLimits> = {}) { this.#limits = { ...LIVENESS, ...limits }; }

  beat(now: number, blockedMs: number): void {
    this.#heard = now;
    this.#blocked = blockedMs;
  }

  /** A step has ended. `seconds`: training time up to it, so without evaluation and saving. Also a sign of life. */
  progress(now: number, step: number, seconds: number): void {
    const last = this.#last;
    if (this.#heard !== undefined) this.beat(now, 0);
    this.#last = { step, seconds };
    if (!last || step <= last.step || seconds < last.seconds) return;
    this.#steps.push((1000 * (seconds - last.seconds)) / (step - last.step));
    if (this.#steps.length > RECENT_STEPS) this.#steps.shift();
  }

  /** The host looks, about once a second. */
  look(now: number): Vital {
    const { silentMs, stalledMs, stalledSteps, lateMs } = this.#limits, late = this.#looked !== undefined && now - this.#looked > lateMs;
    this.#looked = now;
    if (this.#heard === undefined) return { state: 'alive' };
    if (late) this.#heard = now;
    if (now - this.#heard > silentMs) return { state: 'silent', silentMs: now - this.#heard };
    const stepMs = median(this.#steps);
    return this.#blocked > Math.max(stalledMs, stalledSteps * (stepMs ?? 0)) ? { state: 'stalled', blockedMs: this.#blocked, stepMs } : { state: 'alive' };
  }
}

/** What the run says while no step ends; changes once a minute. */
export function stallNote({ blockedMs, stepMs }: Extract<Vital, { state: 'stalled' }>, evaluating: boolean): string {
  const seconds = Math.floor(blockedMs / 1000), long = seconds < 60 ? `${seconds} s` : seconds < 3600 ? `${Math.floor(seconds / 60)} min` : formatDuration(60 * Math.floor(seconds / 60));
  if (evaluating) return `The evaluation has not ended for ${long}. Wait, or stop the run.`;
  const before = stepMs === null ? 'the first one includes the setup' : `steps took ${stepMs < 100 ? 'less than 0.1 s' : formatDuration(stepMs / 1000)} before`;
  return `No step has ended for ${long}; ${before}. Wait, or stop the run.`;
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b), half = sorted.length / 2;
  const low = sorted[Math.ceil(half) - 1], high = sorted[Math.floor(half)];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
