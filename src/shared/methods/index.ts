/** The registry of training methods: one line each. */
import type { MetricId } from '../metrics.ts';
import { bco } from './bco.ts';
import { cpo } from './cpo.ts';
import { dpo } from './dpo.ts';
import { kto } from './kto.ts';
import { orpo } from './orpo.ts';
import { reward } from './reward.ts';
import { sft } from './sft.ts';

export const METHODS = { sft, reward, dpo, kto, bco, cpo, orpo } as const;
export type MethodId = keyof typeof METHODS;
export const METHOD_IDS = Object.keys(METHODS) as [MethodId, ...MethodId[]];

/** The metric whose shape tells most about a run at a glance: the margin where answers are compared, else the loss. */
export function curveOf(method: MethodId): MetricId {
  const measured: readonly MetricId[] = METHODS[method].metrics;
  return (['rewards/margins', 'margin'] as const).find((name) => measured.includes(name)) ?? 'loss';
}
