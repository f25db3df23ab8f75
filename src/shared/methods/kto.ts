/** Kahneman-Tversky optimisation (Ethayarajh et al., 2024): answers with thumbs up or down, no pairs needed. TRL's KTOConfig; formulas: spec/alignment.md 6. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { preferenceFields, preferenceHints, referenceFields, referenceHints, REWARD_METRICS, RUN_METRICS } from './preference.ts';

export const KTO_LOSSES = ['kto', 'apo_zero_unpaired'] as const;
export const ktoTrain = z.strictObject({
  ...preferenceFields,
  loss_type: z.enum(KTO_LOSSES).default('kto'),
  desirable_weight: z.number().min(0).default(1),
  undesirable_weight: z.number().min(0).default(1),
  ...referenceFields,
});
export type KtoTrain = z.infer<typeof ktoTrain>;

export const kto: TrainingMethod<typeof ktoTrain> = {
  id: 'kto',
  train: ktoTrain,
  hints: {
    ...preferenceHints,
    loss_type: { group: 'loss', level: 'basic', control: 'select', options: KTO_LOSSES },
    desirable_weight: { group: 'loss', level: 'basic', control: 'number', min: 0 },
    undesirable_weight: { group: 'loss', level: 'basic', control: 'number', min: 0 },
    ...referenceHints,
  },
  rows: ['unpaired-preference', 'preference'],
  metrics: [...RUN_METRICS, 'entropy', 'kl', ...REWARD_METRICS.filter((m) => m !== 'rewards/accuracies'), 'eval_rewards/margins'],
};
