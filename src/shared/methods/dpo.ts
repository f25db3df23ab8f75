/** Direct preference optimisation (Rafailov et al., 2023) and its kin that share data and reference. Names and defaults of TRL 1.13's DPOConfig; formulas: spec/alignment.md 5. */
import { z } from 'zod';
import type { TrainingMethod } from './method.ts';
import { preferenceFields, preferenceHints, referenceFields, referenceHints, REWARD_METRICS, RUN_METRICS } from './preference.ts';

/** `cdpo` is sigmoid with label smoothing (TRL's sigmoid ignores label_smoothing). `sigmoid_norm` is the length-normalised form that LFM2 was aligned with. */
export const DPO_LOSSES = [
  'sigmoid', 'cdpo', 'hinge', 'ipo', 'exo_pair', 'nca_pair', 'robust', 'bco_pair', 'sppo_hard', 'aot', 'aot_unpaired', 'apo_zero', 'apo_down', 'discopop', 'sft', 'sigmoid_norm',
] as const;
export type DpoLoss = (typeof DPO_LOSSES)[number];
export const F_DIVERGENCES = ['reverse_kl', 'forward_kl', 'js_divergence', 'alpha_divergence'] as const;

const list = <T extends z.ZodType>(item: T): z.ZodPreprocess<z.ZodArray<T>> =>
  z.preprocess((v) => (typeof v === 'string' ? v.split(',').map((part) => part.trim()).filter((part) => part !== '') : Array.isArray(v) ? v : v === undefined || v === null ? v : [v]), z.array(item).min(1));

export const dpoTrain = z.strictObject({
  ...preferenceFields,
  /** One or several; several are added with loss_weights (MPO: sigmoid, bco_pair, sft with 0.8, 0.2, 1). */
  loss_type: list(z.enum(DPO_LOSSES)).default(['sigmoid']),
  loss_weights: list(z.coerce.number().min(0)).nullable().default(null),
  label_smoothing: z.number().min(0).lt(0.5).default(0),
  f_divergence_type: z.enum(F_DIVERGENCES).default('reverse_kl'),
  f_alpha_divergence_coef: z.number().default(0.5),
  discopop_tau: z.number().positive().default(0.05),
  ld_alpha: z.number().min(0).max(1).nullable().default(null),
  use_weighting: z.boolean().default(false),
  ...referenceFields,
});
export type DpoTrain = z.infer<typeof dpoTrain>;

export const dpo: TrainingMethod<typeof dpoTrain> = {
  id: 'dpo',
  train: dpoTrain,
  hints: {
    ...preferenceHints,
    loss_type: { group: 'loss', level: 'basic', control: 'text', options: DPO_LOSSES },
    loss_weights: { group: 'loss', level: 'advanced', control: 'text' },
    label_smoothing: { group: 'loss', level: 'advanced', control: 'number', min: 0, max: 0.499 },
    f_divergence_type: { group: 'loss', level: 'advanced', control: 'select', options: F_DIVERGENCES },
    f_alpha_divergence_coef: { group: 'loss', level: 'advanced', control: 'number' },
    discopop_tau: { group: 'loss', level: 'advanced', control: 'number', min: 0 },
    ld_alpha: { group: 'loss', level: 'advanced', control: 'number', min: 0, max: 1 },
    use_weighting: { group: 'loss', level: 'advanced', control: 'switch' },
    ...referenceHints,
  },
  rows: ['preference'],
  metrics: [...RUN_METRICS, 'entropy', 'mean_token_accuracy', ...REWARD_METRICS, 'eval_rewards/accuracies', 'eval_rewards/margins'],
};
