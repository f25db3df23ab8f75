/** Block formats: exactly the values and bytes of the `gguf` package; bounded error for any values. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODECS, type QuantisedKind } from '../../../src/main/engine/io/gguf/codecs/index.ts';
import { TENSOR_KINDS } from '../../../src/main/engine/io/gguf/gguf-types.ts';
import { bytes, fixtureJson, floats } from './fixtures.ts';

const KINDS = Object.keys(CODECS) as QuantisedKind[];
const recorded = fixtureJson<Record<QuantisedKind, { bytes: string; values: string; input?: string; quantised?: string }>>('blocks.json');

test.each(KINDS)('%s is read as the gguf package reads it', (kind) => {
  const raw = bytes(recorded[kind].bytes), expected = floats(recorded[kind].values);
  const out = new Float32Array(expected.length);
  CODECS[kind].dequantise(raw, raw.length / TENSOR_KINDS[kind].bytes, out);
  expect(out).toEqual(expected);
});

test.each(KINDS.filter((k) => recorded[k].input !== undefined))('%s is written as the gguf package writes it, byte for byte', (kind) => {
  const input = floats(recorded[kind].input!), expected = bytes(recorded[kind].quantised!);
  const out = new Uint8Array(expected.length);
  CODECS[kind].quantise(input, input.length / TENSOR_KINDS[kind].block, out);
  expect(Buffer.compare(out, expected)).toBe(0);
});

/** Root mean square error as a share of the range (largest less smallest, zero included): half a step at worst, and what the scales lose in float16 or six bits. */
const BOUND: Record<QuantisedKind, number> = { Q4_0: 0.07, Q4_1: 0.035, Q5_0: 0.035, Q5_1: 0.018, Q8_0: 0.005, Q4_K: 0.05, Q5_K: 0.025, Q6_K: 0.025 };
const blockOf = (n: number): fc.Arbitrary<Float32Array> => fc.tuple(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: n, maxLength: n }), fc.constantFrom(1e-3, 0.05, 3), fc.constantFrom(0, 0.5, -1)).map(([xs, scale, shift]) => Float32Array.from(xs, (x) => (x / 1000 + shift) * scale));

test.each(KINDS)('%s loses little of any block', (kind) => {
  const { block, bytes: size } = TENSOR_KINDS[kind];
  fc.assert(fc.property(blockOf(block), (x) => {
    const out = new Uint8Array(size), back = new Float32Array(block);
    CODECS[kind].quantise(x, 1, out);
    CODECS[kind].dequantise(out, 1, back);
    const range = Math.max(0, ...x) - Math.min(0, ...x);
    const rms = Math.sqrt(x.reduce((sum, v, i) => sum + (v - back[i]!) ** 2, 0) / block);
    expect(rms).toBeLessThanOrEqual(BOUND[kind] * range + 1e-7);
  }), { numRuns: 150 });
});

test.each(KINDS)('%s keeps zeros, and gives finite values for very small and very large ones', (kind) => {
  const { block, bytes: size } = TENSOR_KINDS[kind];
  for (const value of [0, 1e-20, -1e-9, 3e4]) {
    const out = new Uint8Array(size).fill(255), back = new Float32Array(block);
    CODECS[kind].quantise(new Float32Array(block).fill(value), 1, out);
    CODECS[kind].dequantise(out, 1, back);
    for (const b of back) expect(Math.abs(b - value)).toBeLessThanOrEqual(Math.abs(value) * 0.05 + 1e-8);
  }
});
