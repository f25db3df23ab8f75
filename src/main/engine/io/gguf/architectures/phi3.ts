/** Phi-3: queries, keys and values are one matrix, and so are gate and up, in both worlds. Rope factors for short and long texts are tensors. */

import type { GgufArchitecture, Json } from './architecture.ts';
import { decoderConfig, decoderMetadata, linear, numberOf, optionalNumber, postNorm } from './decoder.ts';
import { ropeParameters } from './rope.ts';

const LAYER = 'model.layers.{n}';
const LONG = 'rope_factors_long.weight', SHORT = 'rope_factors_short.weight';

const factorsOf = (config: Json, key: 'long_factor' | 'short_factor'): Float32Array | null => {
  const list = ropeParameters(config)[key];
  return Array.isArray(list) ? Float32Array.from(list, Number) : null;
};

export const phi3: GgufArchitecture = {
  id: 'phi3', modelTypes: ['phi3'], extras: [LONG, SHORT],
  rules: [
    { gguf: 'token_embd.weight', hf: 'model.embed_tokens.weight' }, { gguf: 'output_norm.weight', hf: 'model.norm.weight' }, { gguf: 'output.weight', hf: 'lm_head.weight' },
    { gguf: 'blk.{n}.attn_norm.weight', hf: `${LAYER}.input_layernorm.weight` }, postNorm(),
    ...linear('blk.{n}.attn_qkv', `${LAYER}.self_attn.qkv_proj`), ...linear('blk.{n}.attn_output', `${LAYER}.self_attn.o_proj`),
    ...linear('blk.{n}.ffn_up', `${LAYER}.mlp.gate_up_proj`), ...linear('blk.{n}.ffn_down', `${LAYER}.mlp.down_proj`),
  ],
  toConfig: (metadata, tensors) => {
    const { head_dim: headDim, ...config } = decoderConfig(metadata, tensors);
    const rotary = metadata.archNumber('rope.dimension_count');
    const full = Number(config['hidden_size']) / Number(config['num_attention_heads']);
    const original = metadata.archNumber('rope.scaling.original_context_length') ?? metadata.archCount('context_length');
    const long = tensors.has(LONG) && tensors.has(SHORT);
    return {
      architectures: ['Phi3ForCausalLM'], model_type: 'phi3', hidden_act: 'silu', ...config, attention_bias: false, original_max_position_embeddings: original, sliding_window: metadata.archNumber('attention.sliding_window') || null,
      ...(rotary === null || rotary === full ? {} : { partial_rotary_factor: rotary / full }), ...(headDim === rotary || headDim === full ? {} : { head_dim: headDim }),
      ...(long ? { rope_scaling: { type: 'longrope', long_factor: [...tensors.read(LONG)], short_factor: [...tensors.read(SHORT)] } } : {}),
      // transformers would take its own defaults, 32000, where the vocabulary of a file is smaller
      pad_token_id: null,
    };
  },
  toMetadata: (config) => {
    const p = ropeParameters(config);
    const partial = typeof p['partial_rotary_factor'] === 'number' ? p['partial_rotary_factor'] : optionalNumber(config, 'partial_rotary_factor') ?? 1;
    const { 'attention.key_length': key, 'attention.value_length': value, ...entries } = decoderMetadata(config, { eps: 1e-5 });
    const full = Number(key ?? value);
    const long = factorsOf(config, 'long_factor');
    const context = numberOf(config, 'max_position_embeddings'), original = optionalNumber(config, 'original_max_position_embeddings') ?? optionalNumber(p, 'original_max_position_embeddings') ?? context;
    const scale = context / original;
    return {
      ...entries, 'rope.dimension_count': Math.trunc(full * partial), 'rope.scaling.original_context_length': original, 'attention.sliding_window': optionalNumber(config, 'sliding_window') ?? 0,
      ...(long === null ? {} : { 'rope.scaling.attn_factor': scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(original)) : 1 }),
    };
  },
  extraTensors: (config) => {
    const long = factorsOf(config, 'long_factor'), short = factorsOf(config, 'short_factor');
    return long === null || short === null ? [] : [{ name: LONG, values: long }, { name: SHORT, values: short }];
  },
};
