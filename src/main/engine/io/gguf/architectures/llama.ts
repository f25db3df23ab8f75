/** Llama, and Mistral, which is written as llama; SmolLM3 differs only in the layers without rotary positions, which llama.cpp fixes at every fourth. */

import { cannotWrite } from '../gguf-types.ts';
import type { GgufArchitecture, Json } from './architecture.ts';
import { decoderConfig, decoderMetadata, decoderRules, gatedRules, headDimOf, numberOf, optionalNumber, postNorm } from './decoder.ts';
import { llama3Factors, ropeParameters } from './rope.ts';

const rules = [...decoderRules({ permuted: true }), ...gatedRules(), postNorm()];

function ropeFactors(config: Json): { name: string; values: Float32Array }[] {
  const p = ropeParameters(config);
  const { short_factor: short, long_factor: long } = p;
  let values = llama3Factors(config, headDimOf(config));
  if ((p['rope_type'] ?? p['type']) === 'longrope') {
    if (!Array.isArray(short) || !Array.isArray(long) || long.some((f, i) => f !== short[i]) || p['attention_factor'] !== 1) throw cannotWrite('its rope factors depend on the length of the text, which the llama architecture cannot say');
    values = Float32Array.from(short, Number);
  }
  return values === null ? [] : [{ name: 'rope_freqs.weight', values }];
}

export const llama: GgufArchitecture = {
  id: 'llama', modelTypes: ['llama', 'mistral'], rules, extras: ['rope_freqs.weight'],
  toConfig: (metadata, tensors) => ({
    architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu', ...decoderConfig(metadata, tensors),
    attention_bias: tensors.has('blk.0.attn_q.bias'), mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
  }),
  toMetadata: (config) => decoderMetadata(config),
  losses: (config) => {
    const window = optionalNumber(config, 'sliding_window');
    return window === null || window >= numberOf(config, 'max_position_embeddings') ? [] : [`The llama architecture of GGUF has no sliding window: readers let every token see all before it, which differs from this model beyond ${window} tokens.`];
  },
  extraTensors: ropeFactors,
};

export const smollm3: GgufArchitecture = {
  id: 'smollm3', modelTypes: ['smollm3'], rules, extras: ['rope_freqs.weight'],
  toConfig: (metadata, tensors) => {
    const layers = metadata.archCount('block_count');
    return {
      architectures: ['SmolLM3ForCausalLM'], model_type: 'smollm3', hidden_act: 'silu', ...decoderConfig(metadata, tensors), attention_bias: tensors.has('blk.0.attn_q.bias'), mlp_bias: false,
      no_rope_layer_interval: 4, no_rope_layers: Array.from({ length: layers }, (_, i) => ((i + 1) % 4 === 0 ? 0 : 1)), layer_types: Array.from({ length: layers }, () => 'full_attention'), use_sliding_window: false,
    };
  },
  toMetadata: (config) => {
    const flags = config['no_rope_layers'], interval = numberOf(config, 'no_rope_layer_interval', 4);
    const regular = Array.isArray(flags) ? flags.every((f, i) => (f === 0) === ((i + 1) % 4 === 0)) : interval === 4;
    if (!regular) throw cannotWrite('GGUF can only say that every fourth layer has no rotary positions, and this config.json has others');
    return decoderMetadata(config, { ropeTheta: 2_000_000 });
  },
  extraTensors: ropeFactors,
};
