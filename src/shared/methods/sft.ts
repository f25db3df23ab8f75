/** Supervised fine-tuning: parameters with TRL's names. Defaults are TRL 1.13's SFTConfig where a workstation can bear them; each difference is named in its line (spec/alignment.md 3, A). */
import { z } from 'zod';
import type { FieldHint, TrainingMethod } from './method.ts';
import { trainerFields, trainerHints } from './trainer.ts';

export const sftTrain = z.strictObject({
  ...trainerFields,
  learning_rate: z.number().min(0).max(10).default(2e-4), // TRL 2e-5 is for full fine-tuning; LoRA needs about ten times that
  packing_strategy: z.enum(['bfd', 'bfd_split', 'wrapped']).default('bfd'),
  completion_only_loss: z.boolean().nullable().default(null),
  assistant_only_loss: z.boolean().nullable().default(null), // null: on for conversations; TRL's default is off
  loss_type: z.enum(['nll', 'dft']).default('nll'),
  neftune_noise_alpha: z.number().min(0).max(1000).nullable().default(null), // null: no noise; the paper uses 5, 10, 15
});
export type SftTrain = z.infer<typeof sftTrain>;

const hints: { [K in keyof SftTrain]: FieldHint } = {
  ...trainerHints,
  packing_strategy: { group: 'data', level: 'advanced', control: 'select', options: ['bfd', 'bfd_split', 'wrapped'] },
  completion_only_loss: { group: 'loss', level: 'advanced', control: 'switch' },
  assistant_only_loss: { group: 'loss', level: 'advanced', control: 'switch' },
  loss_type: { group: 'loss', level: 'advanced', control: 'select', options: ['nll', 'dft'] },
  neftune_noise_alpha: { group: 'optimiser', level: 'advanced', control: 'number', min: 0, max: 1000 },
};

export const sft: TrainingMethod<typeof sftTrain> = {
  id: 'sft',
  train: sftTrain,
  hints,
  rows: ['messages', 'prompt-completion', 'text'],
  metrics: ['loss', 'eval_loss', 'learning_rate', 'grad_norm', 'entropy', 'mean_token_accuracy', 'eval_mean_token_accuracy', 'num_tokens', 'epoch', 'tokens_per_second', 'step_seconds', 'rss'],
};
