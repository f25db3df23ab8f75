/** Binary classifier optimisation (Jung et al., 2024): thumbs up or down against a running mean of the rewards. TRL's BCOConfig; formulas: spec/alignment.md 7. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { preferenceFields, preferenceHints, referenceFields, referenceHints, REWARD_METRICS, RUN_METRICS } from './preference.ts';

export const bcoTrain = z.strictObject({
  ...preferenceFields,
  desirable_weight: z.number().min(0).default(1),
  undesirable_weight: z.number().min(0).default(1),
  ...referenceFields,
});
export type BcoTrain = z.infer<typeof bcoTrain>;

export const bco: TrainingMethod<typeof bcoTrain> = {
  id: 'bco',
  train: bcoTrain,
  hints: {
    ...preferenceHints,
    desirable_weight: { group: 'loss', level: 'basic', control: 'number', min: 0 },
    undesirable_weight: { group: 'loss', level: 'basic', control: 'number', min: 0 },
    ...referenceHints,
  },
  rows: ['unpaired-preference', 'preference'],
  metrics: [...RUN_METRICS, 'delta', ...REWARD_METRICS.filter((m) => m !== 'rewards/accuracies'), 'eval_rewards/margins'],
};
