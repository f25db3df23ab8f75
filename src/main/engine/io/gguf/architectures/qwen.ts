/** Qwen2 (biases on queries, keys and values) and Qwen3 (norms of queries and keys per head). Their rotary pairs are halves, as in Hugging Face: nothing is permuted. */

import type { GgufArchitecture } from './architecture.ts';
import { decoderConfig, decoderMetadata, decoderRules, gatedRules, headNorms, postNorm } from './decoder.ts';

const rules = [...decoderRules(), ...gatedRules(), postNorm()];

export const qwen2: GgufArchitecture = {
  id: 'qwen2', modelTypes: ['qwen2'], rules,
  toConfig: (metadata, tensors) => ({ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', hidden_act: 'silu', ...decoderConfig(metadata, tensors), use_sliding_window: false }),
  toMetadata: (config) => decoderMetadata(config),
};

export const qwen3: GgufArchitecture = {
  id: 'qwen3', modelTypes: ['qwen3'], rules: [...rules, ...headNorms()],
  toConfig: (metadata, tensors) => ({ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_act: 'silu', ...decoderConfig(metadata, tensors), attention_bias: tensors.has('blk.0.attn_q.bias'), use_sliding_window: false }),
  toMetadata: (config) => decoderMetadata({ head_dim: 128, ...config }),
};
