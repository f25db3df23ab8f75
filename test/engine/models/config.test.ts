/** What families read from config.json and from a folder's tensors, and what they refuse. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { writeModelFiles } from '../../../src/main/engine/io/save-model.ts';
import type { BlockConfig } from '../../../src/main/engine/models/config.ts';
import { FAMILIES, parseModel } from '../../../src/main/engine/models/index.ts';
import { defaultTargets } from '../../../src/main/engine/models/lora-targets.ts';
import { checkParameters, readParameters } from '../../../src/main/engine/models/parameters.ts';
import { inverseFrequencies, ropeTables } from '../../../src/main/engine/models/rope.ts';
import { matchTargets } from '../../../src/main/engine/nn/match-modules.ts';
import { checkPositions } from '../../../src/main/engine/train/check-positions.ts';
import { loraTrainables } from '../../../src/main/engine/train/trainables.ts';
import { loraAdapter } from '../../../src/shared/schema/recipe.ts';
import { TINY, tinyModel } from '../tiny-model.ts';
import { VARIANTS } from './variants.ts';

const folders: string[] = [];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

const LONGROPE = { rope_type: 'longrope', rope_theta: 10_000, original_max_position_embeddings: 16, short_factor: [1, 1], long_factor: [2, 2] };

describe('a config that cannot be used is refused with one sentence that names the key', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['missing size', { ...TINY, hidden_size: undefined }, /"hidden_size" must be a positive integer but is missing/],
    ['wrong type', { ...TINY, num_hidden_layers: '2' }, /"num_hidden_layers"/],
    ['heads', { ...TINY, num_attention_heads: 3, num_key_value_heads: 3 }, /hidden_size \(16\) is not a multiple of num_attention_heads \(3\)/],
    ['key heads', { ...TINY, num_key_value_heads: 3 }, /num_attention_heads \(4\) is not a multiple of num_key_value_heads \(3\)/],
    ['odd heads', { ...TINY, head_dim: 5 }, /head size 5 is odd/],
    ['activation', { ...TINY, hidden_act: 'mish' }, /activation "mish" is not known \(known are silu/],
    ['quantised', { ...TINY, quantization_config: { bits: 4 } }, /quantised/],
    ['rope type', { ...TINY, rope_parameters: { rope_type: 'spiral' } }, /rope scaling "spiral" is not known \(known are default, linear, dynamic, yarn, longrope, llama3\)/],
    ['rope factor', { ...TINY, rope_scaling: { type: 'linear' } }, /"linear" needs a positive number "factor" but it is missing/],
    ['rope theta', { ...TINY, rope_theta: -1 }, /"rope_theta"/],
    ['llama3 order', { ...TINY, rope_parameters: { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 1 } }, /low_freq_factor \(4\) below high_freq_factor \(1\)/],
    ['partial rotation elsewhere', { ...TINY, partial_rotary_factor: 0.5 }, /"partial_rotary_factor" is 0.5, but this model type rotates whole heads/],
    ['partial rotation, odd', { ...TINY, model_type: 'phi3', partial_rotary_factor: 0.8 }, /leaves 3 elements to rotate/],
    ['longrope lists', { ...TINY, model_type: 'phi3', rope_parameters: { ...LONGROPE, long_factor: undefined } }, /needs "long_factor"/],
    ['longrope length', { ...TINY, model_type: 'phi3', rope_parameters: { ...LONGROPE, short_factor: [1, 1, 1] } }, /"short_factor" has 3 numbers, but 2 pairs/],
    ['layer types', { ...TINY, model_type: 'mistral', layer_types: ['full_attention'] }, /"layer_types" has 1 entries but the model has 2 layers/],
    ['layer type name', { ...TINY, model_type: 'qwen3', head_dim: 4, layer_types: ['full_attention', 'linear_attention'] }, /"layer_types" must be a list of full_attention or sliding_attention/],
    ['layer type of another family', { ...TINY, model_type: 'gemma2', layer_types: ['full_attention', 'conv'] }, /"layer_types" has conv, which this model type does not know/],
    ['window', { ...TINY, model_type: 'mistral', sliding_window: 2.5 }, /"sliding_window" must be a positive integer or null/],
    ['NoPE list', { ...TINY, model_type: 'smollm3', no_rope_layers: [1, 2] }, /"no_rope_layers" must be a list of 0 \(no rotary positions\) and 1/],
    ['NoPE length', { ...TINY, model_type: 'smollm3', no_rope_layers: [1] }, /"no_rope_layers" has 1 entries/],
    ['softcap', { ...TINY, model_type: 'gemma2', final_logit_softcapping: 0 }, /"final_logit_softcapping" must be a positive number or null/],
    ['both directions', { ...TINY, model_type: 'gemma3_text', use_bidirectional_attention: true }, /"use_bidirectional_attention" is true: attention to later tokens is not supported/],
    ['text part', { model_type: 'gemma3', vision_config: {} }, /"text_config" is missing/],
    ['attention layers', { ...TINY, model_type: 'lfm2', full_attn_idxs: [2] }, /"full_attn_idxs" must be a list of layer numbers below 2/],
    ['gpt2 heads', { ...VARIANTS['gpt2'], n_head: 3 }, /n_embd \(16\) is not a multiple of n_head \(3\)/],
    ['gpt2 encoder', { ...VARIANTS['gpt2'], add_cross_attention: true }, /"add_cross_attention"/],
  ])('%s', (_what, config, message) => {
    expect(() => parseModel(config)).toThrow(expect.objectContaining({ code: 'model-config-invalid', message: expect.stringMatching(message) as string }));
  });

  it('an unknown family is named, with the known ones', () => {
    expect(() => parseModel({ ...TINY, model_type: 'mamba' })).toThrow(expect.objectContaining({ code: 'model-family-unknown', message: expect.stringContaining('llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3_text, smollm3, phi3, lfm2, gpt2') as string }));
  });

  it('a shape that contradicts the config and a missing tensor are named', () => {
    const folder = tinyModel();
    folders.push(folder);
    const { tensors } = openModelFolder(folder);
    expect(() => checkParameters(parseModel({ ...TINY, intermediate_size: 32 }), tensors)).toThrow(expect.objectContaining({ code: 'tensor-shape', message: expect.stringContaining('[24, 16] but config.json asks for [32, 16]') as string }));
    expect(() => checkParameters(parseModel({ ...TINY, model_type: 'qwen2' }), tensors)).toThrow(expect.objectContaining({ code: 'tensor-missing', message: expect.stringContaining('q_proj.bias') as string }));
  });
});

describe('defaults and older forms of a config', () => {
  const windows = (config: Record<string, unknown>): (number | null)[] => parseModel(config).config.blocks.map((b) => b.window);

  it('reads old and new rope keys alike', () => {
    const rope = (config: Record<string, unknown>) => parseModel({ ...TINY, ...config }).config.rope;
    expect(rope({ rope_theta: 5e5, rope_scaling: { type: 'linear', factor: 4 } })).toEqual(rope({ rope_parameters: { rope_type: 'linear', rope_theta: 5e5, factor: 4 } }));
    expect(rope({ rope_theta: 5e5, rope_scaling: null })).toEqual(rope({ rope_parameters: { rope_type: 'default', rope_theta: 5e5 } }));
    const phi = (config: Record<string, unknown>) => parseModel({ ...TINY, model_type: 'phi3', original_max_position_embeddings: 16, ...config }).config.rope;
    const { rope_type: _type, rope_theta: _theta, original_max_position_embeddings: _original, ...factors } = LONGROPE;
    for (const type of ['su', 'yarn', 'longrope']) expect(phi({ rope_theta: 10_000, rope_scaling: { type, ...factors } })).toEqual(phi({ rope_parameters: LONGROPE }));
  });

  it('knows which layers have a window', () => {
    expect(windows({ ...TINY, model_type: 'mistral' })).toEqual([4096, 4096]);
    expect(windows({ ...TINY, model_type: 'mistral', sliding_window: null })).toEqual([null, null]);
    expect(windows({ ...TINY, model_type: 'qwen2', sliding_window: 8, max_window_layers: 0 })).toEqual([null, null]);
    expect(windows({ ...TINY, model_type: 'gemma2' })).toEqual([4096, null]);
    expect(windows({ ...TINY, model_type: 'gemma3_text', num_hidden_layers: 7, sliding_window: 512 })).toEqual([512, 512, 512, 512, 512, null, 512]);
  });

  it('knows which layers rotate and by which base', () => {
    const ropes = (config: Record<string, unknown>): (number | null)[] => parseModel(config).config.blocks.map((b: BlockConfig) => b.rope?.theta ?? null);
    expect(ropes({ ...TINY, model_type: 'smollm3', num_hidden_layers: 4 })).toEqual([2e6, 2e6, 2e6, null]);
    expect(ropes({ ...TINY, model_type: 'gemma3_text', sliding_window_pattern: 2 })).toEqual([1e4, 1e6]);
    expect(ropes({ ...TINY, model_type: 'gemma3_text', sliding_window_pattern: 2, rope_theta: 3, rope_local_base_freq: 5 })).toEqual([5, 3]);
  });

  it('widens the feed-forward layer of LFM2 as its config says', () => {
    const width = (config: Record<string, unknown>): number => parseModel({ ...TINY, model_type: 'lfm2', layer_types: ['conv', 'full_attention'], ...config }).config.intermediateSize;
    expect(width({ intermediate_size: 6656 })).toBe(4608);
    expect(width({ intermediate_size: 6656, block_auto_adjust_ff_dim: false })).toBe(6656);
    expect(width({ block_ff_dim: 6912, block_ffn_dim_multiplier: 1 })).toBe(4608);
    expect(width({ intermediate_size: 100, block_ffn_dim_multiplier: null })).toBe(66);
  });

  it('takes the text part of a multimodal Gemma 3', () => {
    const { family, config } = parseModel({ model_type: 'gemma3', text_config: { ...VARIANTS['gemma3'], model_type: 'gemma3_text' }, vision_config: {}, eos_token_id: [1, 2] });
    expect(family.id).toBe('gemma3_text');
    expect(config.raw).toMatchObject({ model_type: 'gemma3_text', architectures: ['Gemma3ForCausalLM'], hidden_size: 16 });
    expect(parseModel(config.raw).config.blocks).toEqual(config.blocks);
  });
});

describe('tensor names', () => {
  /** The model's tensors under other names, in a folder of their own. */
  function renamed(variant: string, config: Record<string, unknown>, rename: (name: string) => string): { own: Float32Array; other: Float32Array } {
    const folder = tinyModel(VARIANTS[variant]);
    const model = parseModel(VARIANTS[variant]!);
    const specs = model.family.parameters(model.config);
    const own = readParameters(specs, checkParameters(model, openModelFolder(folder).tensors));
    const target = mkdtempSync(join(tmpdir(), 'renamed-'));
    folders.push(folder, target);
    let at = 0;
    writeModelFiles(target, config, specs.map(({ name, shape }) => {
      const start = at;
      at += shape.reduce((a, b) => a * b, 1);
      const end = at;
      return { name: rename(name), shape, data: () => own.subarray(start, end) };
    }), 'F32');
    const opened = openModelFolder(target);
    const read = parseModel(opened.config);
    return { own, other: readParameters(read.family.parameters(read.config), checkParameters(read, opened.tensors)) };
  }

  it.each<[string, string, Record<string, unknown>, (name: string) => string]>([
    ['GPT-2 as first released', 'gpt2', VARIANTS['gpt2']!, (name) => name.replace('transformer.', '')],
    ['a base model without its head', 'qwen3', VARIANTS['qwen3']!, (name) => name.replace('model.', '')],
    ['multimodal Gemma 3 of transformers 4', 'gemma3', { model_type: 'gemma3', text_config: VARIANTS['gemma3'] }, (name) => `language_model.${name}`],
    ['multimodal Gemma 3 of transformers 5', 'gemma3', { model_type: 'gemma3', text_config: VARIANTS['gemma3'] }, (name) => name.replace('model.', 'model.language_model.')],
  ])('%s', (_what, variant, config, rename) => {
    const { own, other } = renamed(variant, config, rename);
    expect(other).toEqual(own);
  });
});

describe('LoRA targets', () => {
  const NONE = ['smollm3', 'phi3', 'lfm2'];
  it.each(FAMILIES.map((f) => f.id))('%s has PEFT\'s default, or says what to name', (id) => {
    const model = parseModel(Object.values(VARIANTS).find((v) => v['model_type'] === id)!);
    const linears = model.family.linears(model.config);
    const asked = loraAdapter.parse({ target_modules: 'default' });
    if (!NONE.includes(id)) {
      const targets = matchTargets(linears, defaultTargets(model));
      expect(targets.length).toBeGreaterThanOrEqual(2);
      expect(loraTrainables(model, asked).lora!.slots.map((s) => s.module)).toEqual(targets.map((t) => t.module));
      return;
    }
    expect(() => loraTrainables(model, asked)).toThrow(expect.objectContaining({ code: 'recipe-value' }));
    const names = new Set(linears.map((l) => l.module.split('.').at(-1)!));
    const message = (() => { try { defaultTargets(model); return ''; } catch (e) { return (e as Error).message; } })();
    for (const name of names) expect(message).toContain(name);
  });
});

describe('rotary tables', () => {
  it('of longrope and dynamic scaling depend on the length of the sequence', () => {
    const long = { theta: 10_000, dim: 4, scaling: { type: 'longrope', short: [1, 2], long: [4, 8], original: 16, attentionFactor: 1.5 } } as const;
    expect([...inverseFrequencies(long, 16)]).toEqual([1, 0.005]);
    expect([...inverseFrequencies(long, 17)]).toEqual([0.25, 0.00125]);
    expect(ropeTables(long, 2).cos[0]).toBe(1.5);
    const dynamic = { theta: 10_000, dim: 4, scaling: { type: 'dynamic', factor: 2, original: 16 } } as const;
    expect(inverseFrequencies(dynamic, 8)[1]).toBeCloseTo(0.01, 12);
    // base * (2 * 32 / 16 - 1) ^ (4 / 2)
    expect(inverseFrequencies(dynamic, 32)[1]).toBeCloseTo(90_000 ** -0.5, 12);
  });

  it('learned positions end: longer examples are refused, rotary ones are not', () => {
    const rows = [{ ids: new Int32Array(70), mask: new Uint8Array(70), truncated: false, source: 0 }];
    const gpt2 = parseModel(VARIANTS['gpt2']!).config;
    expect(() => { checkPositions(gpt2, rows, 1024); }).toThrow(expect.objectContaining({ code: 'recipe-value', message: expect.stringContaining('70 tokens') as string }));
    expect(() => { checkPositions(gpt2, rows, 64); }).not.toThrow();
    expect(() => { checkPositions(parseModel(TINY).config, rows, 1024); }).not.toThrow();
  });
});
