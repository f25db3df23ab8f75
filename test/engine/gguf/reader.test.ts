/** Reading files: one that the gguf package wrote, and hostile ones. */
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeGguf } from '../../../src/main/engine/io/gguf/describe-gguf.ts';
import { readGguf } from '../../../src/main/engine/io/gguf/read-gguf.ts';
import { readGgufFloats } from '../../../src/main/engine/io/gguf/read-tensor.ts';
import { AnnealError } from '../../../src/shared/errors.ts';
import { fixture, fixtureJson, temporaryFolder } from './fixtures.ts';

const folder = temporaryFolder();
const tiny = readFileSync(fixture('tiny-llama.gguf'));
const file = (content: Uint8Array, name = 'case.gguf'): string => { const path = join(folder, name); writeFileSync(path, content); return path; };
const errorOf = (work: () => unknown): AnnealError => {
  try { work(); } catch (e) { if (e instanceof AnnealError) return e; throw e; }
  throw new Error('nothing was refused');
};

test('metadata and every tensor of a file of the gguf package', () => {
  const { metadata, tensors, version } = readGguf(fixture('tiny-llama.gguf'));
  expect(version).toBe(3);
  expect(metadata.get('general.name')).toBe('tiny');
  expect(metadata.get('test.numbers')).toEqual([1, 2, 3]);
  expect([metadata.get('test.flag'), metadata.get('test.negative'), metadata.get('test.double')]).toEqual([true, -5, 0.1]);
  const expected = fixtureJson<{ tensors: Record<string, { shape: number[]; first: number[]; sum: number }> }>('tiny-llama.json').tensors;
  expect([...tensors.keys()].toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [name, { shape, first, sum }] of Object.entries(expected)) {
    const values = readGgufFloats(tensors.get(name)!);
    expect(tensors.get(name)!.shape).toEqual(shape);
    expect([...values.subarray(0, first.length)]).toEqual(first);
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 4);
  }
});

test('version 2 is read; others are refused by name', () => {
  const at = (version: number): Buffer => { const b = Buffer.from(tiny); b.writeUInt32LE(version, 4); return b; };
  expect(readGguf(file(at(2))).tensors.size).toBeGreaterThan(0);
  for (const version of [1, 4, 1000]) expect(errorOf(() => readGguf(file(at(version)))).message).toContain(`version ${version}`);
  const swapped = Buffer.from(tiny);
  swapped.writeUInt32BE(3, 4);
  expect(errorOf(() => readGguf(file(swapped))).message).toContain('big-endian');
});

const typeOffset = (name: string): number => { const at = tiny.indexOf(name); return at + name.length + 4 + 8 * tiny.readUInt32LE(at + name.length); };

test('an unsupported quantisation is named', () => {
  for (const [code, label] of [[10, 'Q2_K'], [11, 'Q3_K'], [16, 'IQ2_XXS'], [39, 'MXFP4'], [999, 'number 999']] as const) {
    const b = Buffer.from(tiny);
    b.writeUInt32LE(code, typeOffset('blk.0.attn_q.weight'));
    const error = errorOf(() => readGguf(file(b)));
    expect(error.code).toBe('gguf-unsupported');
    expect(error.message).toContain(label);
  }
});

test('lying counts, lengths and offsets are refused without large allocations', () => {
  const before = process.memoryUsage().rss;
  const lies: [string, (b: Buffer) => void][] = [
    ['tensor count', (b) => { b.writeBigUInt64LE(2n ** 62n, 8); }],
    ['tensor count, plausible', (b) => { b.writeBigUInt64LE(100_000n, 8); }],
    ['metadata count', (b) => { b.writeBigUInt64LE(2n ** 63n, 16); }],
    ['length of the first key', (b) => { b.writeBigUInt64LE(2n ** 40n, 24); }],
    ['length of a value', (b) => { b.writeBigUInt64LE(60_000n, b.indexOf('general.name') + 12 + 4); }],
    ['length of the token list', (b) => { b.writeBigUInt64LE(4_000_000_000n, b.indexOf('tokenizer.ggml.tokens') + 21 + 8); }],
    ['type of a value', (b) => { b.writeUInt32LE(77, b.indexOf('general.name') + 12); }],
    ['number of dimensions', (b) => { b.writeUInt32LE(9, typeOffset('output_norm.weight') - 8 - 4); }],
    ['a dimension', (b) => { b.writeBigUInt64LE(2n ** 50n, typeOffset('output_norm.weight') - 8); }],
    ['a dimension of zero', (b) => { b.writeBigUInt64LE(0n, typeOffset('output_norm.weight') - 8); }],
    ['an offset past the end', (b) => { b.writeBigUInt64LE(2n ** 20n, typeOffset('output_norm.weight') + 4); }],
    ['an impossible offset', (b) => { b.writeBigUInt64LE(2n ** 63n, typeOffset('output_norm.weight') + 4); }],
    ['an unaligned offset', (b) => { b.writeBigUInt64LE(33n, typeOffset('output_norm.weight') + 4); }],
    ['an overlap', (b) => { b.writeBigUInt64LE(0n, typeOffset('output_norm.weight') + 4); }],
    ['a repeated name', (b) => { b.write('blk.0', b.indexOf('blk.1.attn_q.weight')); }],
    ['the magic', (b) => { b.write('GGML', 0); }],
  ];
  for (const [what, lie] of lies) {
    const b = Buffer.from(tiny);
    lie(b);
    const error = errorOf(() => readGguf(file(b)));
    expect(error.code, what).toBe('gguf-invalid');
    expect(error.message, what).toMatch(/^case\.gguf is not a valid GGUF file: .+; copy or download it again\.$/);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
});

test('a file cut anywhere is refused with one clear error', () => {
  for (const keep of [0, 3, 8, 23, 24, 100, 1000, 3000, tiny.length - 40_000, tiny.length - 64]) expect(['gguf-invalid'], String(keep)).toContain(errorOf(() => readGguf(file(tiny.subarray(0, keep)))).code);
});

test('whatever bytes are changed, a file is read or refused with an error of ours', () => {
  const header = tiny.length - 55_000;
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: header }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 }), (changes) => {
    const b = Buffer.from(tiny);
    for (const [at, value] of changes) b[at] = value;
    try { describeGguf(file(b)); } catch (e) { if (!(e instanceof AnnealError)) throw e; }
  }), { numRuns: 300 });
});

test('a missing file and a folder are named as such', () => {
  expect(errorOf(() => readGguf(join(folder, 'no.gguf'))).code).toBe('file-not-found');
  expect(errorOf(() => readGguf(folder)).code).toBe('file-unreadable');
});

test('a part of a split file is named as such', () => {
  // One entry more, a u16, in front of test.flag.
  const b = Buffer.from(tiny), at = b.indexOf('test.flag');
  const entry = Buffer.alloc(8 + 11 + 4 + 2);
  entry.writeBigUInt64LE(11n, 0);
  entry.write('split.count', 8);
  entry.writeUInt32LE(2, 19);
  entry.writeUInt16LE(3, 23);
  b.writeBigUInt64LE(b.readBigUInt64LE(16) + 1n, 16);
  const parts = Buffer.concat([b.subarray(0, at - 8), entry, b.subarray(at - 8), Buffer.alloc(64)]);
  expect(errorOf(() => describeGguf(file(parts))).message).toContain('split file');
});

test('a count of layers that no model has is refused before anything is made of it', () => {
  const b = Buffer.from(tiny), key = 'llama.block_count';
  b.writeUInt32LE(4_000_000_000, b.indexOf(key) + key.length + 4);
  expect(errorOf(() => describeGguf(file(b))).message).toContain('block_count');
});

test('another architecture or tokenizer is refused by name', () => {
  const b = Buffer.from(tiny);
  b.write('rwkvx', b.indexOf('llama', b.indexOf('general.architecture')));
  expect(errorOf(() => describeGguf(file(b))).message).toContain('"rwkvx"');
  const c = Buffer.from(tiny);
  c.write('bert', c.indexOf('gpt2', c.indexOf('tokenizer.ggml.model')));
  expect(errorOf(() => describeGguf(file(c))).message).toContain('"bert"');
});
