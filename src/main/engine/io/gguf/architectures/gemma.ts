/** Gemma, Gemma 2 and the text models of Gemma 3. Files hold norm weights with their 1 added; heads are tied to the embeddings. Constants that files do not hold are those of the released models. */

import type { Metadata } from '../metadata.ts';
import { cannotWrite } from '../gguf-types.ts';
import type { GgufArchitecture, Json, MetadataEntries, TensorFacts } from './architecture.ts';
import { decoderConfig, decoderMetadata, decoderRules, gatedRules, headNorms, numberOf, optionalNumber } from './decoder.ts';
import { ropeParameters } from './rope.ts';

const LAYER = 'model.layers.{n}';
const shifted = { change: 'plus-one' as const };
const common = [...decoderRules({ shiftedNorms: true }), ...gatedRules()];
/** Norms before and after both halves of a block. */
const fourNorms = [
  { gguf: 'blk.{n}.post_attention_norm.weight', hf: `${LAYER}.post_attention_layernorm.weight`, ...shifted },
  { gguf: 'blk.{n}.ffn_norm.weight', hf: `${LAYER}.pre_feedforward_layernorm.weight`, ...shifted },
  { gguf: 'blk.{n}.post_ffw_norm.weight', hf: `${LAYER}.post_feedforward_layernorm.weight`, ...shifted },
];
const ACTIVATION = 'gelu_pytorch_tanh';

export const gemma: GgufArchitecture = {
  id: 'gemma', modelTypes: ['gemma'],
  rules: [...common, { gguf: 'blk.{n}.ffn_norm.weight', hf: `${LAYER}.post_attention_layernorm.weight`, ...shifted }],
  toConfig: (metadata, tensors) => ({ architectures: ['GemmaForCausalLM'], model_type: 'gemma', hidden_act: ACTIVATION, hidden_activation: ACTIVATION, ...decoderConfig(metadata, tensors), attention_bias: false }),
  toMetadata: (config) => decoderMetadata({ head_dim: 256, ...config }),
};

/** `pattern`: every pattern-th layer attends to everything, the others to a window. */
const layerTypes = (layers: number, pattern: number): string[] => Array.from({ length: layers }, (_, i) => ((i + 1) % pattern === 0 ? 'full_attention' : 'sliding_attention'));

function windowed(metadata: Metadata, tensors: TensorFacts, pattern: number, window: number): Json {
  const config = decoderConfig(metadata, tensors);
  return { ...config, hidden_activation: ACTIVATION, attention_bias: false, sliding_window: metadata.archNumber('attention.sliding_window') ?? window, layer_types: layerTypes(Number(config['num_hidden_layers']), pattern) };
}

/** llama.cpp scales by 1/sqrt(head_dim), but for the 27B models by 1/sqrt(hidden / heads). */
function queryScalar(config: Json, layersOf27b: number): number {
  return config['num_hidden_layers'] === layersOf27b ? numberOf(config, 'hidden_size') / numberOf(config, 'num_attention_heads') : numberOf(config, 'head_dim');
}

function checkLayers(config: Json, pattern: number, layersOf27b: number): void {
  const types = config['layer_types'];
  if (Array.isArray(types) && types.some((t, i) => t !== layerTypes(types.length, pattern)[i])) throw cannotWrite(`GGUF can only say that every layer number divisible by ${pattern} attends to everything, and this config.json has another order`);
  const scalar = optionalNumber(config, 'query_pre_attn_scalar');
  if (scalar !== null && scalar !== queryScalar(config, layersOf27b)) throw cannotWrite(`GGUF cannot say the attention scale of this config.json (query_pre_attn_scalar ${scalar})`);
}

export const gemma2: GgufArchitecture = {
  id: 'gemma2', modelTypes: ['gemma2'], rules: [...common, ...fourNorms],
  toConfig: (metadata, tensors) => {
    const config = windowed(metadata, tensors, 2, 4096);
    return {
      architectures: ['Gemma2ForCausalLM'], model_type: 'gemma2', hidden_act: ACTIVATION, ...config, query_pre_attn_scalar: queryScalar(config, 46),
      attn_logit_softcapping: metadata.archReal('attn_logit_softcapping') ?? 50, final_logit_softcapping: metadata.archReal('final_logit_softcapping') ?? 30,
    };
  },
  toMetadata: (config) => {
    const full = { head_dim: 256, ...config };
    checkLayers(full, 2, 46);
    return {
      ...decoderMetadata(full), 'attention.sliding_window': optionalNumber(config, 'sliding_window') ?? 4096,
      attn_logit_softcapping: optionalNumber(config, 'attn_logit_softcapping') ?? 50, final_logit_softcapping: optionalNumber(config, 'final_logit_softcapping') ?? 30,
    };
  },
};

export const gemma3: GgufArchitecture = {
  id: 'gemma3', modelTypes: ['gemma3_text', 'gemma3'], rules: [...common, ...fourNorms, ...headNorms('plus-one')],
  toConfig: (metadata, tensors) => {
    const config = windowed(metadata, tensors, 6, 1024);
    const { rope_theta: _theta, rope_scaling: scaling, ...rest } = config;
    return {
      architectures: ['Gemma3ForCausalLM'], model_type: 'gemma3_text', ...rest, query_pre_attn_scalar: queryScalar(config, 62), attn_logit_softcapping: null, final_logit_softcapping: null,
      rope_theta: metadata.archReal('rope.freq_base') ?? 1_000_000, rope_local_base_freq: metadata.archReal('rope.freq_base_swa') ?? 10_000, rope_scaling: scaling ?? null, sliding_window_pattern: 6,
    };
  },
  toMetadata: (config): MetadataEntries => {
    const full = { head_dim: 256, ...config };
    checkLayers(full, 6, 62);
    const local = ropeParameters(config, 'sliding_attention')['rope_theta'];
    const swa = optionalNumber(config, 'rope_local_base_freq') ?? (typeof config['rope_parameters'] === 'object' && typeof local === 'number' ? local : 10_000);
    if (swa !== 10_000) throw cannotWrite(`GGUF readers take 10000 as the rotary base of sliding layers, and this config.json has ${swa}`);
    return { ...decoderMetadata(full, { ropeTheta: 1_000_000 }), 'attention.sliding_window': optionalNumber(config, 'sliding_window') ?? 1024 };
  },
};
