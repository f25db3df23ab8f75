/** An invented DPO run with probe answers that drift, for looking at the health card. */
import type { Series } from '../../src/shared/contract.ts';
import type { Run } from '../../src/shared/schema/entities.ts';
import { random, recipe, RUNS } from './fixture-data.ts';

const done = RUNS.find((r) => r.id === 'r-done') as Run;
export const PREFERENCE_RUN: Run = {
  ...done, id: 'r-dpo', name: 'dpo-polite-01', method: 'dpo', total_steps: 300, step: 300,
  recipe: recipe({ method: 'dpo', train: { learning_rate: 1e-4, max_steps: 300 }, health: { pause_on: ['kl-limit'] } }), last: { loss: 0.12, 'rewards/margins': 3.1 },
};

const probes: Record<string, number[]> = {
  'probe/kl': [0, 0.04, 0.11, 0.22, 0.38, 0.61, 0.74], 'probe/entropy': [1.31, 1.22, 1.1, 0.96, 0.81, 0.72, 0.66], 'probe/length': [22.5, 23.1, 25.4, 29, 33.6, 38.2, 41.3], 'probe/cut': [0.125, 0.125, 0.125, 0.25, 0.25, 0.375, 0.375],
  'probe/repetition': [0.02, 0.02, 0.03, 0.05, 0.09, 0.13, 0.17], 'probe/loops': [0, 0, 0, 0, 0.125, 0.125, 0.25], 'probe/refusals': [0, 0, 0, 0, 0, 0, 0.125],
};
const curves: Record<string, (share: number, noise: number) => number> = {
  loss: (s, n) => 0.69 * Math.exp(-2 * s) + 0.05 * n, grad_norm: (_s, n) => 3 + n, 'rewards/accuracies': (s, n) => Math.min(1, 0.55 + 0.5 * s + 0.1 * n), 'rewards/chosen': (s, n) => -0.9 * s + 0.15 * n, 'rewards/rejected': (s, n) => -4 * s + 0.2 * n, 'rewards/margins': (s, n) => 3.1 * s + 0.2 * n,
};

/** Null: the general invention will do. */
export function preferenceSeries(id: string, name: string): Series | null {
  if (id !== PREFERENCE_RUN.id) return name.startsWith('probe/') ? { name, steps: [], x: [], mean: [], min: [], max: [], count: 0 } : null;
  const noise = random(name.length + 11), probe = probes[name], curve = curves[name];
  const steps = probe ? probe.map((_, i) => i * 50) : curve ? Array.from({ length: 300 }, (_, i) => i + 1) : null;
  if (steps === null) return null;
  const mean = probe ?? steps.map((s) => curve!(s / 300, noise() - 0.5));
  return { name, steps, x: steps, mean, min: mean, max: mean, count: mean.length };
}
