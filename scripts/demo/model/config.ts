// The architecture of the demo model and the settings of its pre-training.

import { sftTrain } from '../../../src/shared/methods/sft.ts';
import { maxPositions, vocabularySize } from '../train-bpe.ts';

export const modelConfig: Record<string, unknown> = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: vocabularySize,
  hidden_size: 256,
  intermediate_size: 640,
  num_hidden_layers: 5,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 32,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  max_position_embeddings: maxPositions,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  initializer_range: 0.06,
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 3,
};

export const pretrainSeed = 1;
/** Tokens of the first lesson (corpus/primer.ts), then of the corpus. */
export const primerTokens = 500_000;
export const pretrainTokens = 8_000_000;
export const pretrainThreads = 2;

/** One pass over a stage's tokens in rows of 256 with isolated documents, 8 rows a step (4 in the first lesson); in the corpus the rate holds, then falls over the last 30 %. */
export function pretrainConfig(tokens: number, stage: 'primer' | 'corpus') {
  // Packed rows are full but for 0.7 %.
  const rows = stage === 'primer' ? 4 : 8;
  const steps = Math.floor(tokens / (rows * 256 * 0.993));
  const schedule = stage === 'primer'
    ? { lr_scheduler_type: 'constant_with_warmup' }
    : { lr_scheduler_type: 'warmup_stable_decay', lr_scheduler_kwargs: { num_decay_steps: Math.round(steps * 0.3), min_lr_ratio: 0.02 } };
  return sftTrain.parse({
    learning_rate: stage === 'primer' ? 1.5e-3 : 2e-3,
    ...schedule,
    warmup_steps: 40,
    max_steps: steps,
    per_device_train_batch_size: rows,
    per_device_eval_batch_size: 8,
    max_length: 256,
    packing: true,
    weight_decay: 0.1,
    adam_beta2: 0.99,
    max_grad_norm: 1,
    seed: pretrainSeed,
    eval_steps: 500,
    save_steps: 250,
    save_total_limit: 2,
  });
}
