/** GPT-2: LayerNorm, learned positions, matrices that Hugging Face keeps as [in, out]. */

import { linear, numberOf, vocabularySize } from './decoder.ts';
import type { GgufArchitecture, TensorRule } from './architecture.ts';

const LAYER = 'transformer.h.{n}';
const norm = (gguf: string, hf: string): TensorRule[] => linear(gguf, hf);
/** Weight transposed, bias as it stands. */
const conv1d = (gguf: string, hf: string): TensorRule[] => [{ gguf: `${gguf}.weight`, hf: `${hf}.weight`, change: 'transpose' }, { gguf: `${gguf}.bias`, hf: `${hf}.bias` }];

export const gpt2: GgufArchitecture = {
  id: 'gpt2', modelTypes: ['gpt2'],
  rules: [
    { gguf: 'token_embd.weight', hf: 'transformer.wte.weight' }, { gguf: 'position_embd.weight', hf: 'transformer.wpe.weight' }, { gguf: 'output.weight', hf: 'lm_head.weight' },
    ...norm('output_norm', 'transformer.ln_f'), ...norm('blk.{n}.attn_norm', `${LAYER}.ln_1`), ...norm('blk.{n}.ffn_norm', `${LAYER}.ln_2`),
    ...conv1d('blk.{n}.attn_qkv', `${LAYER}.attn.c_attn`), ...conv1d('blk.{n}.attn_output', `${LAYER}.attn.c_proj`), ...conv1d('blk.{n}.ffn_up', `${LAYER}.mlp.c_fc`), ...conv1d('blk.{n}.ffn_down', `${LAYER}.mlp.c_proj`),
  ],
  toConfig: (metadata, tensors) => {
    const hidden = metadata.archCount('embedding_length'), inner = metadata.archCount('feed_forward_length');
    return {
      architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', activation_function: 'gelu_new', vocab_size: vocabularySize(metadata, tensors), n_positions: metadata.archCount('context_length'), n_ctx: metadata.archCount('context_length'),
      n_embd: hidden, n_layer: metadata.archCount('block_count'), n_head: metadata.archCount('attention.head_count'), n_inner: inner === 4 * hidden ? null : inner,
      layer_norm_epsilon: metadata.archReal('attention.layer_norm_epsilon') ?? 1e-5, tie_word_embeddings: !tensors.has('output.weight'),
    };
  },
  toMetadata: (config) => {
    const hidden = numberOf(config, 'n_embd');
    return {
      context_length: numberOf(config, 'n_positions', 1024), embedding_length: hidden, feed_forward_length: typeof config['n_inner'] === 'number' ? config['n_inner'] : 4 * hidden, block_count: numberOf(config, 'n_layer'),
      'attention.head_count': numberOf(config, 'n_head'), 'attention.layer_norm_epsilon': numberOf(config, 'layer_norm_epsilon', 1e-5),
    };
  },
};
