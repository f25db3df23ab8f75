/** What every method's `train` section has: length, batches, optimiser, schedule, evaluation and saving. Names are TRL's (transformers' TrainingArguments); defaults TRL 1.13's where a workstation can bear them; each difference is named in its line (spec/alignment.md 1.1, A). */
import { z } from 'zod';
import type { FieldHint } from './method.ts';

export const SCHEDULERS = ['linear', 'cosine', 'cosine_with_restarts', 'cosine_with_min_lr', 'polynomial', 'constant', 'constant_with_warmup', 'inverse_sqrt', 'warmup_stable_decay'] as const;

/** What the frozen linear layers are computed in. */
export const COMPUTES = ['fp32', 'int8', 'auto'] as const;

export const count = z.number().int().positive();
export const trainerFields = {
  learning_rate: z.number().min(0).max(10).default(2e-4),
  num_train_epochs: z.number().positive().max(10_000).default(3),
  max_steps: z.number().int().min(-1).default(-1),
  per_device_train_batch_size: count.max(4096).default(8),
  per_device_eval_batch_size: count.max(4096).default(8),
  gradient_accumulation_steps: count.max(4096).default(1),
  max_length: count.max(1 << 20).default(1024),
  packing: z.boolean().default(false),
  shuffle: z.boolean().default(true),
  lr_scheduler_type: z.enum(SCHEDULERS).default('linear'),
  lr_scheduler_kwargs: z.record(z.string(), z.number()).default({}),
  warmup_steps: z.number().min(0).default(0), // below 1: share of all steps
  weight_decay: z.number().min(0).max(10).default(0),
  adam_beta1: z.number().min(0).lt(1).default(0.9),
  adam_beta2: z.number().min(0).lt(1).default(0.999),
  adam_epsilon: z.number().positive().default(1e-8),
  max_grad_norm: z.number().min(0).default(1),
  gradient_checkpointing: z.boolean().default(false), // TRL: on; off is faster where memory allows
  /** Arithmetic of the frozen linear layers under an adapter; `auto`: int8 where it was measured to learn as fp32 does, and to be faster (int8-proof). Not in TRL. */
  compute: z.enum(COMPUTES).default('auto'),
  /** Only with adapter none: names or regular expressions of parameters that stay as they are. */
  freeze: z.preprocess((v) => (typeof v === 'string' ? v.split(',').map((part) => part.trim()).filter((part) => part !== '') : v), z.array(z.string().min(1))).default([]),
  seed: z.number().int().min(0).max(0xffffffff).default(42),
  logging_steps: count.default(1), // TRL 10
  eval_steps: z.number().int().min(0).default(50), // 0: only at the end
  save_steps: z.number().int().min(0).default(50), // 0: only at the end
  save_total_limit: z.number().int().min(1).default(3),
} as const;
export const trainerConfig = z.strictObject(trainerFields);
/** The part of a configuration that the loop reads. */
export type TrainerConfig = z.infer<typeof trainerConfig>;

export const trainerHints: { [K in keyof TrainerConfig]: FieldHint } = {
  learning_rate: { group: 'optimiser', level: 'basic', control: 'learning-rate', min: 0, max: 1 },
  num_train_epochs: { group: 'length', level: 'basic', control: 'number', unit: 'epochs', min: 0.01, max: 1000 },
  max_steps: { group: 'length', level: 'basic', control: 'integer', unit: 'steps', min: -1 },
  per_device_train_batch_size: { group: 'batch', level: 'basic', control: 'integer', unit: 'rows', min: 1, max: 256 },
  gradient_accumulation_steps: { group: 'batch', level: 'basic', control: 'integer', unit: 'steps', min: 1, max: 256 },
  max_length: { group: 'data', level: 'basic', control: 'integer', unit: 'tokens', min: 8 },
  packing: { group: 'data', level: 'basic', control: 'switch' },
  shuffle: { group: 'data', level: 'advanced', control: 'switch' },
  lr_scheduler_type: { group: 'schedule', level: 'basic', control: 'select', options: SCHEDULERS },
  lr_scheduler_kwargs: { group: 'schedule', level: 'advanced', control: 'text' },
  warmup_steps: { group: 'schedule', level: 'basic', control: 'number', unit: 'steps', min: 0 },
  weight_decay: { group: 'optimiser', level: 'advanced', control: 'number', min: 0, max: 1 },
  adam_beta1: { group: 'optimiser', level: 'advanced', control: 'number', min: 0, max: 0.9999 },
  adam_beta2: { group: 'optimiser', level: 'advanced', control: 'number', min: 0, max: 0.99999 },
  adam_epsilon: { group: 'optimiser', level: 'advanced', control: 'number', min: 0 },
  max_grad_norm: { group: 'optimiser', level: 'advanced', control: 'number', min: 0 },
  gradient_checkpointing: { group: 'memory', level: 'advanced', control: 'switch' },
  compute: { group: 'memory', level: 'advanced', control: 'select', options: COMPUTES },
  freeze: { group: 'memory', level: 'advanced', control: 'modules' },
  seed: { group: 'data', level: 'advanced', control: 'integer', min: 0 },
  logging_steps: { group: 'evaluation', level: 'advanced', control: 'integer', unit: 'steps', min: 1 },
  eval_steps: { group: 'evaluation', level: 'basic', control: 'integer', unit: 'steps', min: 0 },
  save_steps: { group: 'evaluation', level: 'basic', control: 'integer', unit: 'steps', min: 0 },
  save_total_limit: { group: 'evaluation', level: 'advanced', control: 'integer', min: 1 },
  per_device_eval_batch_size: { group: 'evaluation', level: 'advanced', control: 'integer', unit: 'rows', min: 1, max: 256 },
};
