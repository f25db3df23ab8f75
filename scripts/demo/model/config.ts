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
  initializer_range: 0.02,
  bos_token_id: 0,
  eos_token_id: 2,
  pad_token_id: 3,
};

export const pretrainSeed = 1;
export const pretrainTokens = 6_000_000;
export const pretrainThreads = 2;

/** One pass over the tokens in rows of 256 with isolated documents, 8 rows a step; the rate holds, then falls over the last 30 %. */
export function pretrainConfig(steps: number) {
  return sftTrain.parse({
    learning_rate: 3e-3,
    lr_scheduler_type: 'warmup_stable_decay',
    lr_scheduler_kwargs: { num_decay_steps: Math.round(steps * 0.3), min_lr_ratio: 0.02 },
    warmup_steps: 60,
    max_steps: steps,
    per_device_train_batch_size: 8,
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
