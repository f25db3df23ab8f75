/** LFM2: attention and short convolutions in turn; a layer without key and value heads is a convolution. */

import type { GgufArchitecture } from './architecture.ts';
import { decoderConfig, decoderMetadata, linear, numberOf } from './decoder.ts';

const LAYER = 'model.layers.{n}';

export const lfm2: GgufArchitecture = {
  id: 'lfm2', modelTypes: ['lfm2'],
  rules: [
    { gguf: 'token_embd.weight', hf: 'model.embed_tokens.weight' }, { gguf: 'token_embd_norm.weight', hf: 'model.embedding_norm.weight' }, { gguf: 'output_norm.weight', hf: 'model.embedding_norm.weight' },
    { gguf: 'output.weight', hf: 'lm_head.weight' },
    { gguf: 'blk.{n}.attn_norm.weight', hf: `${LAYER}.operator_norm.weight` }, { gguf: 'blk.{n}.ffn_norm.weight', hf: `${LAYER}.ffn_norm.weight` },
    ...linear('blk.{n}.attn_q', `${LAYER}.self_attn.q_proj`), ...linear('blk.{n}.attn_k', `${LAYER}.self_attn.k_proj`), ...linear('blk.{n}.attn_v', `${LAYER}.self_attn.v_proj`), ...linear('blk.{n}.attn_output', `${LAYER}.self_attn.out_proj`),
    { gguf: 'blk.{n}.attn_q_norm.weight', hf: `${LAYER}.self_attn.q_layernorm.weight` }, { gguf: 'blk.{n}.attn_k_norm.weight', hf: `${LAYER}.self_attn.k_layernorm.weight` },
    ...linear('blk.{n}.shortconv.in_proj', `${LAYER}.conv.in_proj`), ...linear('blk.{n}.shortconv.out_proj', `${LAYER}.conv.out_proj`),
    { gguf: 'blk.{n}.shortconv.conv.weight', hf: `${LAYER}.conv.conv.weight`, change: 'squeeze' },
    ...linear('blk.{n}.ffn_gate', `${LAYER}.feed_forward.w1`), ...linear('blk.{n}.ffn_down', `${LAYER}.feed_forward.w2`), ...linear('blk.{n}.ffn_up', `${LAYER}.feed_forward.w3`),
  ],
  toConfig: (metadata, tensors) => {
    const { head_dim: _dim, rms_norm_eps: eps, ...config } = decoderConfig(metadata, tensors);
    const layers = metadata.archCount('block_count');
    const kv = metadata.archCounts('attention.head_count_kv', layers) ?? [];
    return {
      architectures: ['Lfm2ForCausalLM'], model_type: 'lfm2', ...config, norm_eps: eps, block_auto_adjust_ff_dim: false, block_ff_dim: config['intermediate_size'], conv_bias: false, conv_L_cache: metadata.archNumber('shortconv.l_cache') ?? 3,
      layer_types: Array.from({ length: layers }, (_, i) => (kv[i] === 0 || tensors.has(`blk.${i}.shortconv.conv.weight`) ? 'conv' : 'full_attention')),
    };
  },
  toMetadata: (config) => {
    const types = config['layer_types'], layers = numberOf(config, 'num_hidden_layers'), heads = numberOf(config, 'num_key_value_heads');
    const full = config['full_attn_idxs'];
    const isFull = (i: number): boolean => (Array.isArray(types) ? types[i] === 'full_attention' : !Array.isArray(full) || full.includes(i));
    let width = numberOf(config, 'intermediate_size', numberOf(config, 'block_ff_dim', 0));
    if (config['block_auto_adjust_ff_dim'] !== false) {
      const multiple = numberOf(config, 'block_multiple_of', 256);
      width = Math.ceil(Math.trunc(Math.trunc((2 * width) / 3) * numberOf(config, 'block_ffn_dim_multiplier', 1)) / multiple) * multiple;
    }
    return {
      ...decoderMetadata({ ...config, intermediate_size: width, rms_norm_eps: config['norm_eps'] ?? 1e-5 }, { ropeTheta: 1_000_000 }),
      'attention.head_count_kv': Array.from({ length: layers }, (_, i) => (isFull(i) ? heads : 0)), 'shortconv.l_cache': numberOf(config, 'conv_L_cache', 3),
    };
  },
};
