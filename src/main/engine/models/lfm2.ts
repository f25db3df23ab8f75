/** LFM2 (Liquid AI): a hybrid of short convolutions and attention with norms of query and key heads, a SwiGLU of adjusted width, tied head. */

import { configError } from './config-error.ts';
import { ConfigReader, parseDecoder } from './config.ts';
import { decoderFamily } from './decoder.ts';
import { layerTypes, withBlocks } from './layer-types.ts';

/** Width of the feed-forward layer: the config's, or two thirds of it, multiplied and rounded up. */
function feedForwardSize(read: ConfigReader, size: number): number {
  if (!read.flag('block_auto_adjust_ff_dim', true)) return size;
  const multiple = read.count('block_multiple_of', 256);
  const factor = read.json['block_ffn_dim_multiplier'] === null ? null : read.number('block_ffn_dim_multiplier', 1);
  const adjusted = Math.trunc((2 * size) / 3);
  return factor === null ? adjusted : multiple * Math.ceil(Math.trunc(factor * adjusted) / multiple);
}

export const lfm2 = decoderFamily({
  id: 'lfm2',
  layout: {
    attention: { q: 'self_attn.q_proj', k: 'self_attn.k_proj', v: 'self_attn.v_proj', o: 'self_attn.out_proj' }, headNorms: { q: 'self_attn.q_layernorm', k: 'self_attn.k_layernorm' },
    mlp: { gate: 'feed_forward.w1', up: 'feed_forward.w3', down: 'feed_forward.w2' }, norms: { mixer: 'operator_norm', mlp: 'ffn_norm' },
    conv: { in: 'conv.in_proj', conv: 'conv.conv', out: 'conv.out_proj' }, finalNorm: 'model.embedding_norm',
  },
  parseConfig: (json) => {
    // Older configs name three fields differently.
    const named = { ...json, tie_word_embeddings: json['tie_embedding'] ?? json['tie_word_embeddings'], intermediate_size: json['block_ff_dim'] ?? json['intermediate_size'] };
    const read = new ConfigReader(named);
    const config = parseDecoder(named, { kvHeads: 8, maxPositions: 128_000, tieEmbeddings: true, ropeTheta: 1_000_000, normEps: ['norm_eps', 1e-5], activationKeys: [] });
    const full = json['full_attn_idxs'] ?? undefined;
    if (full !== undefined && !(Array.isArray(full) && full.every((i) => Number.isInteger(i) && Number(i) >= 0 && Number(i) < config.layers))) throw configError(`"full_attn_idxs" must be a list of layer numbers below ${config.layers}`);
    const types = layerTypes(read, config.layers, ['full_attention', 'conv'], (i) => (full === undefined || (full as unknown[]).includes(i) ? 'full_attention' : 'conv'));
    return {
      ...withBlocks(config, (i) => ({ mixer: types[i] === 'conv' ? 'conv' : 'attention' })),
      intermediateSize: feedForwardSize(read, config.intermediateSize), conv: { kernel: read.count('conv_L_cache', 3), bias: read.flag('conv_bias', false) }, raw: json,
    };
  },
  loraTargets: [],
});
