/** What the methods that learn from preferences share: strength, dropout, the reference policy. TRL's names and defaults; each difference is named in its line (spec/alignment.md 2, 5, A). */
import { z } from 'zod';
import type { FieldHint } from './method.ts';
import { count, trainerFields, trainerHints } from './trainer.ts';

/** A method that keeps close to where it started is trained gently: TRL's 1e-6 is for all weights; adapters need about ten times that. */
const gentle = z.number().min(0).max(10).default(1e-5);

export const preferenceFields = {
  ...trainerFields,
  learning_rate: gentle,
  num_train_epochs: z.number().positive().max(10_000).default(1), // TRL 3
  beta: z.number().positive().max(1000).default(0.1),
  disable_dropout: z.boolean().default(true),
  /** `trl` repeats TRL 1.13's known quirks; docs/how-to/align.md lists each difference. */
  parity: z.enum(['clean', 'trl']).default('clean'),
} as const;
export const preferenceConfig = z.strictObject(preferenceFields);
export type PreferenceConfig = z.infer<typeof preferenceConfig>;

export const preferenceHints: { [K in keyof PreferenceConfig]: FieldHint } = {
  ...trainerHints,
  beta: { group: 'loss', level: 'basic', control: 'number', min: 0, max: 1000 },
  disable_dropout: { group: 'loss', level: 'advanced', control: 'switch' },
  parity: { group: 'loss', level: 'advanced', control: 'select', options: ['clean', 'trl'] },
};

/** The policy that rewards are measured against. */
export const referenceFields = {
  /** Model id, name or folder of another reference; null: the policy as it was when the run began. */
  ref_model: z.string().min(1).nullable().default(null),
  /** Scores every row once, before training, and keeps the numbers. TRL: off; on costs one pass instead of one per epoch, and the memory of one model less. */
  precompute_ref_log_probs: z.boolean().default(true),
  /** TR-DPO: the reference follows the policy. Needs adapter none and precompute_ref_log_probs off. */
  sync_ref_model: z.boolean().default(false),
  ref_model_mixup_alpha: z.number().min(0).max(1).default(0.6),
  ref_model_sync_steps: count.max(1_000_000).default(512),
} as const;
export const referenceConfig = z.strictObject(referenceFields);
export type ReferenceConfig = z.infer<typeof referenceConfig>;

export const referenceHints: { [K in keyof ReferenceConfig]: FieldHint } = {
  ref_model: { group: 'loss', level: 'advanced', control: 'text' },
  precompute_ref_log_probs: { group: 'memory', level: 'advanced', control: 'switch' },
  sync_ref_model: { group: 'loss', level: 'advanced', control: 'switch' },
  ref_model_mixup_alpha: { group: 'loss', level: 'advanced', control: 'number', min: 0, max: 1 },
  ref_model_sync_steps: { group: 'loss', level: 'advanced', control: 'integer', unit: 'steps', min: 1 },
};

/** Of every run, whatever the method. */
export const RUN_METRICS = ['loss', 'eval_loss', 'learning_rate', 'grad_norm', 'num_tokens', 'epoch', 'tokens_per_second', 'step_seconds', 'rss'] as const;
export const REWARD_METRICS = ['rewards/chosen', 'rewards/rejected', 'rewards/accuracies', 'rewards/margins', 'logps/chosen', 'logps/rejected', 'logits/chosen', 'logits/rejected'] as const;
