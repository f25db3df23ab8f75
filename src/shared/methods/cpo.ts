/** Contrastive preference optimisation (Xu et al., 2024), SimPO (Meng et al., 2024) and AlphaPO (Gupta et al., 2025): no reference model. TRL's CPOConfig; formulas: spec/alignment.md 7. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { preferenceFields, preferenceHints, REWARD_METRICS, RUN_METRICS } from './preference.ts';

export const CPO_LOSSES = ['sigmoid', 'hinge', 'ipo', 'simpo'] as const;
export const cpoTrain = z.strictObject({
  ...preferenceFields,
  loss_type: z.enum(CPO_LOSSES).default('sigmoid'),
  label_smoothing: z.number().min(0).lt(0.5).default(0),
  /** Weight of the likelihood of the chosen answer. SimPO: 0. */
  cpo_alpha: z.number().min(0).default(1),
  simpo_gamma: z.number().min(0).default(0.5),
  /** AlphaPO's shape; 0: off. */
  alpha: z.number().min(-10).max(10).default(0),
});
export type CpoTrain = z.infer<typeof cpoTrain>;

export const cpo: TrainingMethod<typeof cpoTrain> = {
  id: 'cpo',
  train: cpoTrain,
  hints: {
    ...preferenceHints,
    loss_type: { group: 'loss', level: 'basic', control: 'select', options: CPO_LOSSES },
    label_smoothing: { group: 'loss', level: 'advanced', control: 'number', min: 0, max: 0.499 },
    cpo_alpha: { group: 'loss', level: 'basic', control: 'number', min: 0 },
    simpo_gamma: { group: 'loss', level: 'advanced', control: 'number', min: 0 },
    alpha: { group: 'loss', level: 'advanced', control: 'number', min: -10, max: 10 },
  },
  rows: ['preference'],
  metrics: [...RUN_METRICS, 'nll_loss', ...REWARD_METRICS, 'eval_rewards/accuracies', 'eval_rewards/margins'],
};
