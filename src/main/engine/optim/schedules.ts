/** Learning-rate schedules of transformers' Trainer, by its names: the factor on the base rate at optimiser step t (from 0). Source: `shared/spec/alignment.md` section 1.3. */

import { AnnealError } from '../../../shared/errors.ts';

export interface ScheduleOptions {
  /** Warm-up steps; a value below 1 is a share of all steps (rounded up). */
  warmupSteps: number;
  totalSteps: number;
  learningRate: number;
  /** cosine: half-waves (0.5 by default); cosine_with_restarts: cycles (1 by default). */
  numCycles?: number;
  /** polynomial. */
  power?: number;
  lrEnd?: number;
  /** inverse_sqrt. */
  timescale?: number;
  /** cosine_with_min_lr and warmup_stable_decay: lowest rate as a share of the base rate. */
  minLrRate?: number;
  /** warmup_stable_decay: length of the decay at the end. */
  decaySteps?: number;
}
interface Point { t: number; warmup: number; total: number; options: ScheduleOptions }

const progress = (p: Point): number => (p.t - p.warmup) / Math.max(1, p.total - p.warmup);

const SHAPES = {
  linear: (p: Point) => Math.max(0, (p.total - p.t) / Math.max(1, p.total - p.warmup)),
  cosine: (p: Point) => Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (p.options.numCycles ?? 0.5) * 2 * progress(p)))),
  cosine_with_restarts: (p: Point) => (progress(p) >= 1 ? 0 : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (((p.options.numCycles ?? 1) * progress(p)) % 1))))),
  polynomial: (p: Point) => {
    const base = p.options.learningRate;
    const end = p.options.lrEnd ?? 1e-7;
    if (p.t > p.total) return end / base;
    return ((base - end) * (1 - progress(p)) ** (p.options.power ?? 1) + end) / base;
  },
  constant: () => 1,
  constant_with_warmup: () => 1,
  inverse_sqrt: (p: Point) => {
    const timescale = p.options.timescale ?? (p.warmup || 10_000);
    return 1 / Math.sqrt((p.t + timescale - p.warmup) / timescale);
  },
  cosine_with_min_lr: (p: Point) => {
    const floor = p.options.minLrRate ?? 0;
    return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (p.options.numCycles ?? 0.5) * 2 * progress(p))) * (1 - floor) + floor);
  },
  warmup_stable_decay: (p: Point) => {
    const decay = p.options.decaySteps ?? Math.ceil((p.total - p.warmup) / 10);
    const floor = p.options.minLrRate ?? 0;
    const start = p.total - decay;
    if (p.t < start) return 1;
    if (p.t >= p.total) return floor;
    return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (p.options.numCycles ?? 0.5) * 2 * ((p.t - start) / Math.max(1, decay))))) * (1 - floor) + floor;
  },
} satisfies Record<string, (p: Point) => number>;

export type ScheduleName = keyof typeof SHAPES;
export const SCHEDULE_NAMES = Object.keys(SHAPES) as ScheduleName[];

/** `constant` ignores warm-up, as in transformers. */
export function createSchedule(name: string, options: ScheduleOptions): (t: number) => number {
  if (!Object.hasOwn(SHAPES, name)) throw new AnnealError('recipe-value', `The schedule "${name}" is unknown; use one of ${SCHEDULE_NAMES.join(', ')}.`, { value: name });
  const shape = SHAPES[name as ScheduleName];
  const warmup = warmupLength(name, options);
  return (t) => (t < warmup ? t / Math.max(1, warmup) : shape({ t, warmup, total: options.totalSteps, options }));
}

function warmupLength(name: string, options: ScheduleOptions): number {
  if (name === 'constant') return 0;
  const { warmupSteps: w, totalSteps } = options;
  return w > 0 && w < 1 ? Math.ceil(w * totalSteps) : Math.floor(w);
}
