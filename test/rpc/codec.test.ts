import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decoder, encode } from '../../src/shared/rpc/codec.ts';

const view = fc.oneof(fc.uint8Array(), fc.int32Array(), fc.uint32Array(), fc.float32Array(), fc.float64Array());
const value = fc.letrec((tie) => ({
  any: fc.oneof({ weight: 4, arbitrary: fc.oneof(fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null), view) }, fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0', '$bin')), tie('any'), { maxKeys: 4, noNullPrototype: true })),
})).any;

function roundTrip(x: unknown): unknown {
  const { text, binaries } = encode(x), decoder = new Decoder();
  let out = decoder.push(text);
  for (const b of binaries) { expect(out).toBeUndefined(); out = decoder.push(b); }
  return out?.value;
}
// JSON has one zero
const positiveZero = (x: unknown): unknown => (typeof x === 'number' ? x + 0 : typeof x !== 'object' || x === null || ArrayBuffer.isView(x) ? x
  : Array.isArray(x) ? x.map(positiveZero) : Object.fromEntries(Object.entries(x).map(([k, v]) => [k, positiveZero(v)])));

test('any value of typed arrays, numbers that JSON lacks, and odd keys survives', () => {
  fc.assert(fc.property(value, (x) => { deepStrictEqual(roundTrip(x), positiveZero(x)); }), { numRuns: 500 });
});

test('a view into a larger buffer sends only its own bytes, and arrives aligned', () => {
  const big = new Float64Array([1, 2, 3, 4]), out = roundTrip({ a: big.subarray(1, 3), b: Buffer.from('xy') }) as { a: Float64Array; b: Uint8Array };
  expect([...out.a]).toEqual([2, 3]);
  expect(out.a.buffer.byteLength).toBe(16);
  expect([...out.b]).toEqual([120, 121]);
});

test('what no transport may carry is refused by the sender', () => {
  for (const bad of [1n, () => 1, Symbol('x'), new DataView(new ArrayBuffer(4)), { deep: [new Int8Array(1)] }]) expect(() => encode(bad)).toThrow(TypeError);
});

test('broken frames throw and never reach beyond the message', () => {
  const broken: (string | Uint8Array)[][] = [
    ['x'], ['{}'], ['[]'], ['[1,2,3]'], ['[1,[[["a"],"nan"]]]'], ['[{},[[["__proto__","polluted"],"nan"]]]'], ['[{},[[["toString"],"nan"]]]'], ['[{"a":null},[[["a"],"toString"]]]'],
    [new Uint8Array(1)], ['[{"a":null},[[["a"],"f32"]]]', new Uint8Array(3)], ['[{"a":null},[[["a"],"f32"]]]', '[1]'], ['[{"a":null},[[["a",{}],"f32"]]]'],
  ];
  for (const frames of broken) {
    const decoder = new Decoder();
    expect(() => { for (const f of frames) decoder.push(f); }, String(frames[0])).toThrow();
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
