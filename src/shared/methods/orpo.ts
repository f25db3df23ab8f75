/** Odds-ratio preference optimisation (Hong et al., 2024): likelihood of the chosen answer and the odds against the rejected one, no reference model. TRL's ORPOConfig; formulas: spec/alignment.md 7. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { preferenceFields, preferenceHints, REWARD_METRICS, RUN_METRICS } from './preference.ts';

export const orpoTrain = z.strictObject({
  ...preferenceFields,
  /** The likelihood covers the prompt too, as in TRL and the authors' code; off: only the chosen answer. */
  nll_on_prompt: z.boolean().default(true),
});
export type OrpoTrain = z.infer<typeof orpoTrain>;

export const orpo: TrainingMethod<typeof orpoTrain> = {
  id: 'orpo',
  train: orpoTrain,
  hints: { ...preferenceHints, nll_on_prompt: { group: 'loss', level: 'advanced', control: 'switch' } },
  rows: ['preference'],
  metrics: [...RUN_METRICS, 'nll_loss', 'log_odds_ratio', 'log_odds_chosen', ...REWARD_METRICS, 'eval_rewards/accuracies', 'eval_rewards/margins'],
};
