/** Tiny configs of every family and of the forms that change its forward pass. The sizes fit `tinyModel`. */

import { TINY } from '../tiny-model.ts';

const HEADS = { ...TINY, hidden_size: 16, head_dim: 8, initializer_range: 0.3 };
const GPT2 = { model_type: 'gpt2', vocab_size: 40, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 64, n_inner: 24, initializer_range: 0.2, eos_token_id: 1, pad_token_id: 0 };
const rope = (rest: Record<string, unknown>): Record<string, unknown> => ({ rope_type: 'default', rope_theta: 10_000, ...rest });

export const VARIANTS: Readonly<Record<string, Record<string, unknown>>> = {
  llama: TINY,
  'llama with biases': { ...TINY, attention_bias: true, mlp_bias: true, tie_word_embeddings: false },
  'mistral, short window': { ...TINY, model_type: 'mistral', sliding_window: 3 },
  'mistral, long window': { ...TINY, model_type: 'mistral', sliding_window: 50, tie_word_embeddings: false },
  qwen2: { ...TINY, model_type: 'qwen2' },
  'qwen2, windows above': { ...TINY, model_type: 'qwen2', use_sliding_window: true, sliding_window: 4, max_window_layers: 1 },
  qwen3: { ...HEADS, model_type: 'qwen3' },
  gemma: { ...HEADS, model_type: 'gemma', hidden_act: undefined },
  gemma2: { ...HEADS, model_type: 'gemma2', hidden_act: undefined, sliding_window: 3, query_pre_attn_scalar: 8, attn_logit_softcapping: 2, final_logit_softcapping: 3 },
  gemma3: { ...HEADS, model_type: 'gemma3_text', hidden_act: undefined, sliding_window: 4, query_pre_attn_scalar: 8, sliding_window_pattern: 2, rope_scaling: { rope_type: 'linear', factor: 8 } },
  smollm3: { ...TINY, model_type: 'smollm3', no_rope_layers: [0, 1] },
  phi3: { ...TINY, model_type: 'phi3', tie_word_embeddings: false },
  'phi3, part of each head': { ...TINY, model_type: 'phi3', hidden_size: 32, rope_parameters: rope({ partial_rotary_factor: 0.75 }) },
  'phi3, longrope across its original context': { ...TINY, model_type: 'phi3', rope_parameters: rope({ rope_type: 'longrope', original_max_position_embeddings: 9, short_factor: [1, 1.3], long_factor: [2, 5] }) },
  'llama, dynamic scaling past its context': { ...TINY, max_position_embeddings: 9, rope_parameters: rope({ rope_type: 'dynamic', factor: 2 }) },
  'lfm2, convolution first': { ...TINY, model_type: 'lfm2', layer_types: ['conv', 'full_attention'], block_auto_adjust_ff_dim: false },
  'lfm2, wide convolution last': { ...TINY, model_type: 'lfm2', layer_types: ['full_attention', 'conv'], conv_L_cache: 4, conv_bias: true, block_multiple_of: 8 },
  gpt2: GPT2,
  'gpt2, untied': { ...GPT2, tie_word_embeddings: false, scale_attn_by_inverse_layer_idx: true, activation_function: 'relu' },
};
