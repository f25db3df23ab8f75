/** A very small random model that the real engine trains in milliseconds a step: fresh weights, the tokenizer that ships with Anneal. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';

const TOKENIZER = join(import.meta.dirname, '../../resources/demo/model');

export function writeRealModel(folder: string, hidden = 16): string {
  mkdirSync(folder, { recursive: true });
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'generation_config.json']) cpSync(join(TOKENIZER, file), join(folder, file));
  const { model } = JSON.parse(readFileSync(join(TOKENIZER, 'tokenizer.json'), 'utf8')) as { model: { vocab: Record<string, number> } };
  const vocab_size = Math.ceil((Math.max(...Object.values(model.vocab)) + 1) / 64) * 64;
  initModel({
    model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size, hidden_size: hidden, intermediate_size: hidden * 2, num_hidden_layers: 2, num_attention_heads: 2, num_key_value_heads: 2,
    max_position_embeddings: 256, rms_norm_eps: 1e-6, tie_word_embeddings: true, initializer_range: 0.05, eos_token_id: 2, bos_token_id: null, pad_token_id: 3,
  }, folder, 3);
  return folder;
}

/** A PEFT adapter for the models above: rank 4 on the queries of both layers. `hidden` as the model has it. */
export function writeRealAdapter(folder: string, hidden = 16): string {
  mkdirSync(folder, { recursive: true });
  const side = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i) / 20);
  const pairs = [0, 1].map((layer) => ({ module: `model.layers.${layer}.self_attn.q_proj`, inFeatures: hidden, outFeatures: hidden, r: 4, scale: 2, a: side(4 * hidden, layer), b: side(hidden * 4, layer + 9) }));
  writePeftAdapter(folder, {
    config: { r: 4, lora_alpha: 8, lora_dropout: 0, use_rslora: false, use_dora: false, bias: 'none', fan_in_fan_out: false, target_modules: ['q_proj'], exclude_modules: null, layers_to_transform: null, rank_pattern: {}, alpha_pattern: {}, modules_to_save: null, base_model_name_or_path: 'acme/tiny-llama' },
    pairs, replaced: new Map(),
  });
  return folder;
}
