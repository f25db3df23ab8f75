/** A tiny model of every architecture, with random weights and a byte-level tokenizer, as `writeGguf` takes it. */
import type { GgufSource } from '../../../src/main/engine/io/gguf/write-gguf.ts';
import { BYTE_TO_CHAR } from '../../../src/main/data/tokenizer/byte-alphabet.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { Random } from '../../../src/main/engine/nn/random.ts';

const BASE = {
  vocab_size: 260, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16, max_position_embeddings: 128, rms_norm_eps: 1e-5,
  tie_word_embeddings: false, hidden_act: 'silu', rope_theta: 10_000,
};
const GEMMA = { ...BASE, tie_word_embeddings: true, hidden_activation: 'gelu_pytorch_tanh', hidden_act: 'gelu_pytorch_tanh', head_dim: 32 };

/** config.json of what each architecture is tested with. */
export const CONFIGS: Record<string, Record<string, unknown>> = {
  llama: { ...BASE, model_type: 'llama' },
  'llama, tied, biases, llama3 rope': { ...BASE, model_type: 'llama', tie_word_embeddings: true, attention_bias: true, rope_scaling: { rope_type: 'llama3', factor: 32, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }, rope_theta: 500_000 },
  'llama, linear rope': { ...BASE, model_type: 'llama', rope_scaling: { rope_type: 'linear', factor: 4 } },
  'llama, yarn rope': { ...BASE, model_type: 'llama', rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32 } },
  smollm3: { ...BASE, model_type: 'smollm3', num_hidden_layers: 4, tie_word_embeddings: true, no_rope_layers: [1, 1, 1, 0], rope_theta: 2_000_000 },
  qwen2: { ...BASE, model_type: 'qwen2', tie_word_embeddings: true, rope_theta: 1_000_000 },
  qwen3: { ...BASE, model_type: 'qwen3', head_dim: 32 },
  gemma: { ...GEMMA, model_type: 'gemma' },
  gemma2: { ...GEMMA, model_type: 'gemma2', query_pre_attn_scalar: 32, sliding_window: 64, attn_logit_softcapping: 50, final_logit_softcapping: 30 },
  gemma3: { ...GEMMA, model_type: 'gemma3_text', num_hidden_layers: 6, query_pre_attn_scalar: 32, sliding_window: 32, rope_theta: 1_000_000, rope_local_base_freq: 10_000, sliding_window_pattern: 6 },
  phi3: { ...BASE, model_type: 'phi3', pad_token_id: null, original_max_position_embeddings: 128 },
  'phi3, longrope': { ...BASE, model_type: 'phi3', pad_token_id: null, original_max_position_embeddings: 32, rope_scaling: { type: 'longrope', short_factor: [1, 1, 1, 1, 1.5, 1.5, 2, 2], long_factor: [1, 1.5, 2, 2.5, 3, 4, 5, 6] } },
  lfm2: { ...BASE, model_type: 'lfm2', num_hidden_layers: 3, tie_word_embeddings: true, layer_types: ['conv', 'full_attention', 'conv'], conv_L_cache: 3, block_auto_adjust_ff_dim: false, norm_eps: 1e-5 },
  gpt2: { model_type: 'gpt2', vocab_size: 260, n_positions: 128, n_embd: 64, n_layer: 2, n_head: 4, layer_norm_epsilon: 1e-5, tie_word_embeddings: true, activation_function: 'gelu_new' },
};

export const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
/** The 256 bytes, one merge, three special tokens. */
export const TOKENIZER = {
  version: '1.0', truncation: null, padding: null, normalizer: null, post_processor: null,
  added_tokens: SPECIALS.map((content, id) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true })),
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }, decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab: Object.fromEntries([...BYTE_TO_CHAR, 'th'].map((c, i) => [c, i + 3])), merges: [['t', 'h']] },
};
export const TEMPLATE = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}";

export function tinySource(config: Record<string, unknown>, seed = 1): GgufSource & { values: Map<string, Float32Array> } {
  const model = parseModel(config);
  const values = new Map<string, Float32Array>();
  const tensors = model.family.parameters(model.config).map((spec, index) => {
    const random = new Random(seed, 0, index), data = Float32Array.from({ length: spec.shape.reduce((a, b) => a * b, 1) }, () => (spec.role === 'norm' ? 1 : 0) + random.normal() * 0.2);
    values.set(spec.name, data);
    return { name: spec.name, shape: spec.shape, read: () => data };
  });
  return { config, tokenizerJson: structuredClone(TOKENIZER), tokenizerConfig: { bos_token: '<|endoftext|>', eos_token: '<|im_end|>' }, chatTemplate: TEMPLATE, tensors, name: 'Tiny', license: 'mit', baseModel: 'Base', values };
}
