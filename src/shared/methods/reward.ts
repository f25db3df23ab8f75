/** Reward model: a scalar head on the last token, trained so that chosen answers score above rejected ones (Bradley-Terry; Ouyang et al., 2022). TRL's RewardConfig; formulas: spec/alignment.md 4. */
import { z } from 'zod';
import type { FieldHint, TrainingMethod } from './method.ts';
import { RUN_METRICS } from './preference.ts';
import { trainerFields, trainerHints } from './trainer.ts';

export const rewardTrain = z.strictObject({
  ...trainerFields,
  learning_rate: z.number().min(0).max(10).default(1e-4),
  num_train_epochs: z.number().positive().max(10_000).default(1), // TRL 3
  disable_dropout: z.boolean().default(true),
  /** Pulls the mean reward to zero (Eisenstein et al., 2023); null: off. The paper uses 0.01. */
  center_rewards_coefficient: z.number().min(0).nullable().default(null),
});
export type RewardTrain = z.infer<typeof rewardTrain>;

const hints: { [K in keyof RewardTrain]: FieldHint } = {
  ...trainerHints,
  disable_dropout: { group: 'loss', level: 'advanced', control: 'switch' },
  center_rewards_coefficient: { group: 'loss', level: 'advanced', control: 'number', min: 0 },
};
export const reward: TrainingMethod<typeof rewardTrain> = {
  id: 'reward',
  train: rewardTrain,
  hints,
  rows: ['preference'],
  metrics: [...RUN_METRICS, 'min_reward', 'mean_reward', 'max_reward', 'accuracy', 'margin', 'eval_accuracy', 'eval_margin'],
};
