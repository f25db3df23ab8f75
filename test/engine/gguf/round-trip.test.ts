/** Models of every architecture written as GGUF and imported again: the same config, the same weights, nothing half-written. */
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { ARCHITECTURES } from '../../../src/main/engine/io/gguf/architectures/index.ts';
import { describeGguf } from '../../../src/main/engine/io/gguf/describe-gguf.ts';
import type { GgufFileType } from '../../../src/main/engine/io/gguf/gguf-types.ts';
import { importGguf } from '../../../src/main/engine/io/gguf/import-gguf.ts';
import { readGguf } from '../../../src/main/engine/io/gguf/read-gguf.ts';
import { TensorNames } from '../../../src/main/engine/io/gguf/tensor-names.ts';
import { writeGguf } from '../../../src/main/engine/io/gguf/write-gguf.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { readTensorFloats } from '../../../src/main/engine/io/tensor-read.ts';
import { weightHash } from '../../../src/main/engine/io/weight-hash.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters } from '../../../src/main/engine/models/parameters.ts';
import { inspectModel } from '../../../src/main/engine/services/inspect-model.ts';
import { AnnealError } from '../../../src/shared/errors.ts';
import { fixtureJson, temporaryFolder } from './fixtures.ts';
import { CONFIGS, TEMPLATE, TOKENIZER, tinySource } from './tiny-source.ts';

const folder = temporaryFolder();
let counter = 0;
const fresh = (): string => join(folder, `case-${counter++}`);
const rejection = async (work: Promise<unknown>): Promise<AnnealError> => {
  try { await work; } catch (e) { if (e instanceof AnnealError) return e; throw e; }
  throw new Error('nothing was refused');
};
const parsed = (config: Record<string, unknown>): unknown => { const { raw: _raw, ...rest } = parseModel(config).config; return rest; };

test('every architecture is tried', () => {
  expect(new Set(Object.values(CONFIGS).map((c) => c['model_type']))).toEqual(new Set(ARCHITECTURES.map((a) => a.modelTypes[0])));
});

test('tensor names are those of the gguf package', () => {
  for (const [id, names] of Object.entries(fixtureJson<Record<string, Record<string, string | null>>>('names.json'))) {
    const ours = new TensorNames(ARCHITECTURES.find((a) => a.id === id)!.rules);
    for (const [hf, gguf] of Object.entries(names)) {
      if (gguf === null) continue; // Gemma's head is always the embedding there
      expect([id, hf, ours.toGguf(`${hf}.weight`).gguf]).toEqual([id, hf, `${gguf}.weight`]);
      expect(ours.toHf(`${gguf}.weight`)?.hf).toBe(`${hf}.weight`);
    }
  }
});

test.each(Object.entries(CONFIGS))('%s comes back as it was', async (_name, config) => {
  const source = tinySource(config), file = `${fresh()}.gguf`, out = fresh();
  const progress: number[] = [];
  const { bytes } = await writeGguf(file, source, 'F32', { onProgress: (done, total) => { progress.push(done / total); } });
  expect(readFileSync(file).length).toBe(bytes);
  expect(progress.at(-1)).toBe(1);
  await importGguf(file, out);
  const { config: back, tensors } = openModelFolder(out), model = parseModel(back);
  expect(parsed(back)).toEqual(parsed(config));
  const bound = checkParameters(model, tensors);
  expect([...bound.keys()].toSorted()).toEqual([...source.values.keys()].toSorted());
  const shifted = ARCHITECTURES.find((a) => a.modelTypes.includes(String(config['model_type'])))!.rules.filter((r) => r.change === 'plus-one').map((r) => r.hf);
  for (const [name, values] of source.values) {
    const read = readTensorFloats(bound.get(name)!);
    if (shifted.includes(name.replace(/\.\d+\./, '.{n}.'))) read.forEach((x, i) => { expect(x).toBeCloseTo(values[i]!, 6); });
    else expect(read, name).toEqual(values);
  }
  const preview = await inspectModel(file);
  // What belongs to the file or the folder itself.
  const own = { path: '', bytes: 0, weight_hash: '', import_writes: 0 };
  expect({ ...preview, ...own }).toEqual({ ...await inspectModel(out), ...own });
  expect([preview.license, preview.template, preview.dtype]).toEqual(['mit', TEMPLATE, 'float32']);
});

test.each(['F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K_M'] as const)('as %s a model keeps its weights within the format\'s step', async (type: GgufFileType) => {
  const source = tinySource({ ...CONFIGS['llama']!, hidden_size: 256, intermediate_size: 288, head_dim: 64 }), file = `${fresh()}.gguf`, out = fresh();
  const { kinds } = await writeGguf(file, source, type);
  if (type === 'Q4_K_M') expect(Object.keys(kinds).toSorted()).toEqual(['F32', 'Q4_K', 'Q5_0', 'Q6_K', 'Q8_0']);
  const imported = await importGguf(file, out);
  const bound = checkParameters(parseModel(imported.model.config), openModelFolder(out).tensors);
  const limit = { F16: 0.0005, BF16: 0.004, Q8_0: 0.01, Q4_0: 0.15, Q4_K_M: 0.12 }[type as 'F16'];
  for (const [name, values] of source.values) {
    const read = readTensorFloats(bound.get(name)!);
    const error = Math.sqrt(read.reduce((s, x, i) => s + (x - values[i]!) ** 2, 0) / values.reduce((s, x) => s + x * x, 0));
    expect(error, name).toBeLessThan(limit);
  }
  expect(imported.model.notes.join().includes('float16')).toBe(!['F16', 'BF16'].includes(type));
});

test('tokenizer, template and stop ids come along', async () => {
  const file = `${fresh()}.gguf`, out = fresh();
  await writeGguf(file, tinySource(CONFIGS['llama']!), 'F16');
  await importGguf(file, out);
  const t = await Tokenizer.load(out);
  expect(t.encode('the <|im_end|>')).toEqual(new Tokenizer({ tokenizer: structuredClone(TOKENIZER), config: {}, generation: {}, template: null }).encode('the <|im_end|>'));
  expect([t.template, t.eos?.content, t.stopIds]).toEqual([TEMPLATE, '<|im_end|>', [2]]);
  expect(readGguf(file).metadata.get('general.base_model.0.name')).toBe('Base');
});

test('large tensors that need no conversion stay in the GGUF file; without it the model says what is missing', async () => {
  const source = tinySource({ ...CONFIGS['qwen2']!, vocab_size: 10_000 }), file = `${fresh()}.gguf`, out = fresh();
  await writeGguf(file, source, 'F16');
  const { referenced, converted } = await importGguf(file, out);
  expect(referenced).toBe(10_000 * 64 * 2);
  const entry = openModelFolder(out).tensors.get('model.embed_tokens.weight')!;
  expect([entry.path, entry.byteLength]).toEqual([file, referenced]);
  readTensorFloats(entry).forEach((x, i) => { expect(Math.abs(x - source.values.get('model.embed_tokens.weight')![i]!)).toBeLessThan(1e-3); });
  const { hash, bytes } = weightHash(out);
  expect(bytes).toBe(converted + readFileSync(file).length);
  const content = readFileSync(file);
  renameSync(file, `${file}.away`);
  expect(await rejection(inspectModel(out))).toMatchObject({ code: 'model-shard-missing' });
  await writeGguf(file, source, 'Q8_0');
  expect(await rejection(inspectModel(out))).toMatchObject({ code: 'tensor-dtype' });
  content[content.length - 100]! ^= 1;
  writeFileSync(file, content);
  expect(weightHash(out).hash).not.toBe(hash);
});

test('soft caps stay floats in config.json, as transformers wants them', async () => {
  const file = `${fresh()}.gguf`, out = fresh();
  await writeGguf(file, tinySource(CONFIGS['gemma2']!), 'F16');
  await importGguf(file, out);
  expect(readFileSync(join(out, 'config.json'), 'utf8')).toMatch(/"attn_logit_softcapping": 50\.0,[^]*"final_logit_softcapping": 30\.0\b/);
});

test('a head that repeats the embedding is recognised as tied', async () => {
  const source = tinySource(CONFIGS['llama']!), file = `${fresh()}.gguf`;
  source.values.get('lm_head.weight')!.set(source.values.get('model.embed_tokens.weight')!);
  await writeGguf(file, source, 'F16');
  const { config, parameters } = describeGguf(file);
  expect(config['tie_word_embeddings']).toBe(true);
  expect(parameters.some((p) => p.name === 'lm_head.weight')).toBe(false);
});

test('nothing half-written stays after a failure or a cancellation', async () => {
  const source = tinySource(CONFIGS['llama']!), file = `${fresh()}.gguf`, out = fresh();
  const stop = new AbortController();
  expect(await rejection(writeGguf(file, source, 'F32', { signal: stop.signal, onProgress: () => { stop.abort(); } }))).toMatchObject({ code: 'cancelled' });
  const broken = { ...source, tensors: source.tensors.map((t, i) => (i === 3 ? { ...t, read: () => new Float32Array(1) } : t)) };
  expect(await rejection(writeGguf(file, broken, 'F32'))).toMatchObject({ code: 'tensor-shape' });
  await writeGguf(file, source, 'Q8_0');
  const before = readdirSync(folder);
  const halt = new AbortController();
  expect(await rejection(importGguf(file, out, { signal: halt.signal, onProgress: () => { halt.abort(); } }))).toMatchObject({ code: 'cancelled' });
  expect(existsSync(out)).toBe(false);
  const full = await rejection(importGguf(file, out, { freeBytes: () => 1e6 }));
  expect(full.code).toBe('disk-full');
  expect(full.message).toContain('1.00 MB are free');
  expect(readdirSync(folder)).toEqual(before);
});

test('what the format cannot say is refused or noted', async () => {
  const file = `${fresh()}.gguf`;
  const write = async (config: Record<string, unknown>): Promise<AnnealError> => rejection(writeGguf(file, tinySource(config), 'F32'));
  expect((await write({ ...CONFIGS['smollm3']!, no_rope_layers: [1, 0, 1, 0] })).message).toContain('fourth layer');
  expect((await write({ ...CONFIGS['gemma2']!, query_pre_attn_scalar: 100 })).message).toContain('attention scale');
  expect((await write({ ...CONFIGS['gemma3']!, layer_types: Array.from({ length: 6 }, () => 'full_attention') })).message).toContain('order');
  const odd = tinySource(CONFIGS['llama']!);
  expect(await rejection(writeGguf(file, { ...odd, tensors: [...odd.tensors, { name: 'model.vision.weight', shape: [1], read: () => new Float32Array(1) }] }, 'F32'))).toMatchObject({ code: 'gguf-unsupported' });
  expect(await rejection(writeGguf(file, { ...odd, config: { ...odd.config, model_type: 'bloom' } }, 'F32'))).toMatchObject({ code: 'gguf-unsupported' });
  const windowed = await writeGguf(file, tinySource({ ...CONFIGS['llama']!, model_type: 'mistral', sliding_window: 16 }), 'F32');
  expect(windowed.notes.join()).toContain('16 tokens');
});
