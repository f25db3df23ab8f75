/** Weight files: round trips, and headers that lie. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { brainsToFloats, floatToHalf, floatsToBrains, floatsToHalfs, halfToFloat, halfsToFloats } from '../../src/main/engine/io/float-formats.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { readModelWeights } from '../../src/main/engine/io/model-weights.ts';
import { readSafetensorsHeader } from '../../src/main/engine/io/safetensors-header.ts';
import { writeSafetensors } from '../../src/main/engine/io/safetensors-write.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { TINY, tinyModel } from './tiny-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
const model = tinyModel();
afterAll(() => { for (const f of [folder, model]) rmSync(f, { recursive: true, force: true }); });
const path = join(folder, 'model.safetensors');

function write(header: unknown, data: number, claimed?: number): void {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(claimed ?? Buffer.byteLength(text)));
  writeFileSync(path, Buffer.concat([prefix, Buffer.from(text), Buffer.alloc(data)]));
}
const f32 = (shape: number[], offsets: unknown): unknown => ({ dtype: 'F32', shape, data_offsets: offsets });

describe('a header that lies', () => {
  it.each([
    ['shorter than its length field', () => { writeFileSync(path, Buffer.alloc(5)); }, /5 bytes/],
    ['header longer than the file', () => { write('{}', 0, 1000); }, /truncated/],
    ['an absurd header length', () => { write('{}', 0, 2 ** 50); }, /limit/],
    ['not JSON', () => { write('{"a":', 0); }, /not JSON/],
    ['not an object', () => { write('[]', 0); }, /object/],
    ['data cut off', () => { write({ a: f32([4], [0, 16]) }, 12); }, /truncated/],
    ['data too long', () => { write({ a: f32([4], [0, 16]) }, 20); }, /has \d+/],
    ['offsets against the shape', () => { write({ a: f32([5], [0, 16]) }, 16); }, /needs 20 bytes/],
    ['negative size', () => { write({ a: f32([-4], [0, 16]) }, 16); }, /shape/],
    ['backward offsets', () => { write({ a: f32([4], [16, 0]) }, 16); }, /offsets/],
    ['overflowing shape', () => { write({ a: f32([2 ** 30, 2 ** 30], [0, 16]) }, 16); }, /impossible/],
    ['overlap', () => { write({ a: f32([4], [0, 16]), b: f32([4], [8, 24]) }, 24); }, /overlap/],
    ['hole', () => { write({ a: f32([4], [0, 16]), b: f32([4], [24, 40]) }, 40); }, /hole/],
    ['no dtype', () => { write({ a: { shape: [4], data_offsets: [0, 16] } }, 16); }, /dtype/],
  ] as const)('%s', (_name, make, message) => {
    make();
    expect(() => readSafetensorsHeader(path)).toThrow(expect.objectContaining({ code: 'safetensors-invalid', message: expect.stringMatching(message) as string }));
  });

  it('an unknown type, and a missing file', () => {
    write({ a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } }, 4);
    expect(() => readSafetensorsHeader(path)).toThrow(expect.objectContaining({ code: 'tensor-dtype' }));
    expect(() => readSafetensorsHeader(join(folder, 'none.safetensors'))).toThrow(expect.objectContaining({ code: 'file-not-found' }));
  });

  it('never crashes on random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      writeFileSync(path, bytes);
      try { readSafetensorsHeader(path); } catch (e) { expect(e).toMatchObject({ code: expect.stringMatching(/safetensors-invalid|tensor-dtype/) as string }); }
    }), { numRuns: 200 });
  });
});

describe('round trips', () => {
  it('float32, float16 and bfloat16 tensors of any shape', () => {
    const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
    fc.assert(fc.property(fc.array(fc.tuple(shape, fc.constantFrom('F32' as const, 'F16' as const, 'BF16' as const)), { maxLength: 5 }), (list) => {
      const tensors = list.map(([dims, dtype], k) => ({ name: `t${k}`, shape: dims, dtype, values: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i - 3) * 0.25) }));
      writeSafetensors(path, tensors.map((t) => ({ ...t, data: () => t.values })), { format: 'pt' });
      const read = readSafetensorsHeader(path);
      expect(read.metadata).toEqual({ format: 'pt' });
      for (const t of tensors) {
        const entry = read.tensors.get(t.name)!;
        expect(entry.shape).toEqual(t.shape);
        expect([...readTensorFloats(entry)]).toEqual([...t.values]);
      }
    }), { numRuns: 50 });
  });

  it('every half converts to float and back', () => {
    for (let h = 0; h < 65536; h++) {
      const x = halfToFloat(h);
      if (Number.isNaN(x)) expect(Number.isNaN(halfToFloat(floatToHalf(x)))).toBe(true);
      else if (floatToHalf(x) !== h) throw new Error(`half ${h} became ${floatToHalf(x)}`);
    }
    const some = Float32Array.of(65519, 65520, 2 ** -25, 1.5 * 2 ** -24, 1 + 2 ** -11, 1 + 3 * 2 ** -11);
    expect([...halfsToFloats(floatsToHalfs(some))]).toEqual([65504, Infinity, 0, 2 ** -23, 1, 1 + 2 ** -9]);
  });

  it('bfloat16 rounds to nearest even', () => {
    expect([...brainsToFloats(floatsToBrains(Float32Array.of(1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -3.5, Infinity)))]).toEqual([1, 1, 1 + 2 ** -6, -3.5, Infinity]);
    expect(Number.isNaN(brainsToFloats(floatsToBrains(Float32Array.of(Number.NaN)))[0])).toBe(true);
  });
});

describe('a model folder', () => {
  const parsed = parseModel(TINY);
  it('of shards is read through its index, and a missing or lying shard is named', () => {
    const shards = mkdtempSync(join(folder, 'shards-'));
    const tensors = [...openModelFolder(model).tensors.values()];
    const map: Record<string, string> = {};
    tensors.forEach((t, i) => { map[t.name] = `model-0000${1 + (i % 2)}-of-00002.safetensors`; });
    for (const file of new Set(Object.values(map))) writeSafetensors(join(shards, file), tensors.filter((t) => map[t.name] === file).map((t) => ({ name: t.name, shape: t.shape, dtype: 'F32', data: () => readTensorFloats(t) })));
    const index = (weightMap: unknown): void => { writeFileSync(join(shards, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: weightMap })); };
    index(map);
    expect(checkParameters(parsed, readModelWeights(shards)).size).toBe(tensors.length);
    index({ ...map, extra: 'model-00001-of-00002.safetensors' });
    expect(() => readModelWeights(shards)).toThrow(expect.objectContaining({ code: 'tensor-missing' }));
    index({ ...map, evil: '../model.safetensors' });
    expect(() => readModelWeights(shards)).toThrow(expect.objectContaining({ code: 'safetensors-invalid' }));
    index(map);
    rmSync(join(shards, 'model-00002-of-00002.safetensors'));
    expect(() => readModelWeights(shards)).toThrow(expect.objectContaining({ code: 'model-shard-missing', message: expect.stringContaining('model-00002-of-00002.safetensors') as string }));
  });

  it('may be made of symlinks, as the Hugging Face cache is', () => {
    const repository = join(mkdtempSync(join(folder, 'cache-')), 'models--acme--tiny'), cache = join(repository, 'snapshots/0a1b');
    mkdirSync(cache, { recursive: true });
    mkdirSync(join(repository, 'blobs'));
    for (const [i, name] of ['config.json', 'model.safetensors'].entries()) {
      cpSync(join(model, name), join(repository, 'blobs', String(i)));
      symlinkSync(`../../blobs/${i}`, join(cache, name));
    }
    expect(openModelFolder(cache).tensors.size).toBe(openModelFolder(model).tensors.size);
    const loose = mkdtempSync(join(folder, 'loose-'));
    for (const name of ['config.json', 'model.safetensors']) symlinkSync(join(model, name), join(loose, name));
    expect(() => openModelFolder(loose)).toThrow(expect.objectContaining({ code: 'path-not-allowed', message: expect.stringContaining('leaves') as string }));
    symlinkSync('../../../../other', join(cache, 'tokenizer.json'));
    expect(() => openModelFolder(cache)).toThrow(expect.objectContaining({ code: 'file-not-found' }));
    rmSync(join(cache, 'tokenizer.json'));
    symlinkSync(join(model, 'config.json'), join(cache, 'tokenizer.json'));
    expect(() => openModelFolder(cache)).toThrow(expect.objectContaining({ code: 'path-not-allowed' }));
  });

  it('without config, with a broken one, without weights', () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(() => openModelFolder(empty)).toThrow(expect.objectContaining({ code: 'file-not-found' }));
    writeFileSync(join(empty, 'config.json'), '{"model_type": ');
    expect(() => openModelFolder(empty)).toThrow(expect.objectContaining({ code: 'model-config-invalid' }));
    writeFileSync(join(empty, 'config.json'), '{}');
    writeFileSync(join(empty, 'pytorch_model.bin'), '');
    expect(() => openModelFolder(empty)).toThrow(expect.objectContaining({ code: 'file-not-found', message: expect.stringContaining('pytorch_model.bin') as string }));
  });

  it('whose weights do not belong to its config', () => {
    const tensors = openModelFolder(model).tensors;
    expect(() => checkParameters(parseModel({ ...TINY, num_hidden_layers: 3 }), tensors)).toThrow(expect.objectContaining({ code: 'tensor-missing' }));
    expect(() => checkParameters(parseModel({ ...TINY, vocab_size: 41 }), tensors)).toThrow(expect.objectContaining({ code: 'tensor-shape' }));
  });
});

describe('config.json', () => {
  it.each([
    [{ model_type: 'mamba' }, 'model-family-unknown', /mamba.*llama, mistral, qwen2/],
    [{ model_type: undefined }, 'model-family-unknown', /missing/],
    [{ hidden_size: '16' }, 'model-config-invalid', /hidden_size/],
    [{ hidden_size: undefined }, 'model-config-invalid', /hidden_size.*missing/],
    [{ num_key_value_heads: 3 }, 'model-config-invalid', /multiple/],
    [{ hidden_act: 'mish' }, 'model-config-invalid', /mish/],
    [{ quantization_config: { bits: 4 } }, 'model-config-invalid', /quantised/],
    [{ rope_scaling: { rope_type: 'spiral', factor: 2 } }, 'model-config-invalid', /spiral/],
    [{ rope_parameters: { rope_type: 'longrope' } }, 'model-config-invalid', /longrope/],
    [{ rope_scaling: { type: 'linear' } }, 'model-config-invalid', /factor/],
    [{ model_type: 'qwen2', use_sliding_window: 'yes' }, 'model-config-invalid', /sliding/],
  ] as const)('%j is refused with %s', (change, code, message) => {
    const json = JSON.parse(JSON.stringify({ ...TINY, ...change })) as Record<string, unknown>;
    expect(() => parseModel(json)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) as string }));
  });

  it('reads the old and the new way to write rotary scaling alike', () => {
    const legacy = parseModel({ ...TINY, rope_theta: 5e5, rope_scaling: { type: 'linear', factor: 2 } }).config.rope;
    const current = parseModel({ ...TINY, rope_parameters: { rope_type: 'linear', rope_theta: 5e5, factor: 2 } }).config.rope;
    expect(legacy).toEqual(current);
    expect(current).toEqual({ theta: 5e5, dim: 4, scaling: { type: 'linear', factor: 2 } });
  });
});
