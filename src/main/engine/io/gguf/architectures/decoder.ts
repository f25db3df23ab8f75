/** What most architectures share: names of a pre-norm decoder with gated feed-forward layers, and its hyper-parameters. */

import { basename } from 'node:path';
import { cannotWrite, invalidGguf } from '../gguf-types.ts';
import type { Metadata } from '../metadata.ts';
import type { Json, MetadataEntries, TensorChange, TensorFacts, TensorRule } from './architecture.ts';
import { ropeFromMetadata, ropeToMetadata } from './rope.ts';

const LAYER = 'model.layers.{n}';

/** `name` and its bias, where a model has one. */
export function linear(gguf: string, hf: string, change?: TensorChange): TensorRule[] {
  return ['weight', 'bias'].map((kind) => ({ gguf: `${gguf}.${kind}`, hf: `${hf}.${kind}`, ...(change === undefined ? {} : { change }) }));
}

/** Embeddings, head and attention projections. `permuted`: the architecture's rotary pairs are neighbours (llama), not halves. */
export function decoderRules(options: { permuted?: boolean; shiftedNorms?: boolean } = {}): TensorRule[] {
  const norm = options.shiftedNorms === true ? { change: 'plus-one' as const } : {};
  return [
    { gguf: 'token_embd.weight', hf: 'model.embed_tokens.weight' },
    { gguf: 'output_norm.weight', hf: 'model.norm.weight', ...norm },
    { gguf: 'output.weight', hf: 'lm_head.weight' },
    { gguf: 'blk.{n}.attn_norm.weight', hf: `${LAYER}.input_layernorm.weight`, ...norm },
    ...linear('blk.{n}.attn_q', `${LAYER}.self_attn.q_proj`, options.permuted === true ? 'permute-q' : undefined),
    ...linear('blk.{n}.attn_k', `${LAYER}.self_attn.k_proj`, options.permuted === true ? 'permute-k' : undefined),
    ...linear('blk.{n}.attn_v', `${LAYER}.self_attn.v_proj`),
    ...linear('blk.{n}.attn_output', `${LAYER}.self_attn.o_proj`),
  ];
}

export const gatedRules = (): TensorRule[] => [
  ...linear('blk.{n}.ffn_gate', `${LAYER}.mlp.gate_proj`),
  ...linear('blk.{n}.ffn_up', `${LAYER}.mlp.up_proj`),
  ...linear('blk.{n}.ffn_down', `${LAYER}.mlp.down_proj`),
];
export const postNorm = (): TensorRule => ({ gguf: 'blk.{n}.ffn_norm.weight', hf: `${LAYER}.post_attention_layernorm.weight` });

/** Norms of queries and keys per head. */
export const headNorms = (change?: TensorChange): TensorRule[] => ['q', 'k'].map((s) => ({ gguf: `blk.{n}.attn_${s}_norm.weight`, hf: `${LAYER}.self_attn.${s}_norm.weight`, ...(change === undefined ? {} : { change }) }));

export function vocabularySize(metadata: Metadata, tensors: TensorFacts): number {
  const shape = tensors.shape('token_embd.weight');
  if (shape?.length !== 2) throw invalidGguf(basename(metadata.file.path), 'it has no token embeddings (tensor "token_embd.weight")');
  return shape[0]!;
}

/** One number of key and value heads for all layers. */
export function kvHeads(metadata: Metadata, layers: number, heads: number): number {
  const all = metadata.archCounts('attention.head_count_kv', layers) ?? [heads];
  const first = all.find((n) => n > 0) ?? heads;
  if (all.some((n) => n !== first && n !== 0)) throw invalidGguf(basename(metadata.file.path), 'its layers have different numbers of key and value heads');
  return first;
}

/** The common part of config.json. `headDim` is what Hugging Face assumes when the config names none. */
export function decoderConfig(metadata: Metadata, tensors: TensorFacts): Json {
  const layers = metadata.archCount('block_count'), heads = metadata.archCount('attention.head_count'), hidden = metadata.archCount('embedding_length');
  const headDim = metadata.archNumber('attention.key_length') ?? metadata.archNumber('rope.dimension_count') ?? hidden / heads;
  return {
    vocab_size: vocabularySize(metadata, tensors), hidden_size: hidden, intermediate_size: metadata.archCount('feed_forward_length'), num_hidden_layers: layers, num_attention_heads: heads,
    num_key_value_heads: kvHeads(metadata, layers, heads), head_dim: headDim, max_position_embeddings: metadata.archCount('context_length'),
    rms_norm_eps: metadata.archReal('attention.layer_norm_rms_epsilon') ?? 1e-6, tie_word_embeddings: !tensors.has('output.weight'),
    ...ropeFromMetadata(metadata, tensors, headDim),
  };
}

export const numberOf = (config: Json, key: string, fallback?: number): number => {
  const v = config[key] ?? fallback;
  if (typeof v !== 'number') throw cannotWrite(`config.json has no number "${key}"`);
  return v;
};
export const optionalNumber = (config: Json, key: string): number | null => (typeof config[key] === 'number' ? config[key] : null);

export function headDimOf(config: Json): number {
  return optionalNumber(config, 'head_dim') ?? numberOf(config, 'hidden_size') / numberOf(config, 'num_attention_heads');
}

export function decoderMetadata(config: Json, defaults: { ropeTheta?: number; eps?: number } = {}): MetadataEntries {
  const heads = numberOf(config, 'num_attention_heads'), headDim = headDimOf(config);
  return {
    vocab_size: numberOf(config, 'vocab_size'), context_length: numberOf(config, 'max_position_embeddings'), embedding_length: numberOf(config, 'hidden_size'), block_count: numberOf(config, 'num_hidden_layers'),
    feed_forward_length: numberOf(config, 'intermediate_size'), 'attention.head_count': heads, 'attention.head_count_kv': numberOf(config, 'num_key_value_heads', heads),
    'attention.layer_norm_rms_epsilon': numberOf(config, 'rms_norm_eps', defaults.eps ?? 1e-6), 'attention.key_length': headDim, 'attention.value_length': headDim, 'rope.dimension_count': headDim,
    ...ropeToMetadata(config, defaults.ropeTheta ?? 10_000),
  };
}
