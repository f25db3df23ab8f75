/** Counts and memory plans of graphs small enough to count by hand; conversions of 16-bit floats. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBrain, fromHalf, toBrain, toHalf } from '../../src/main/engine/graph/dtype.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients, optimize } from '../../src/main/engine/graph/passes/index.ts';
import { countFlops, countMatmulFlops, histogram, planMemory } from '../../src/main/engine/graph/stats.ts';

const frozen = (g: Graph, name: string, shape: [number, number], dtype: 'float32' | 'float16' = 'float32') =>
  o.asReal(g.weight(name, shape, dtype, { kind: 'data', data: dtype === 'float32' ? new Float32Array(shape[0] * shape[1]) : new Uint16Array(shape[0] * shape[1]) }));

test('floating point operations', () => {
  const g = new Graph();
  const y = o.matmul(g.input('x', [4, 8]), frozen(g, 'w', [16, 8]), { transB: true });
  g.output('y', o.add(y, y));
  expect(countMatmulFlops(g)).toBe(2 * 4 * 8 * 16);
  expect(countFlops(g)).toBe(2 * 4 * 8 * 16 + 4 * 16);
  expect(histogram(g)).toEqual({ add: 1, matmul: 1 });
});

describe('memory', () => {
  test('element-wise chains run in place, reshapes are free', () => {
    const g = new Graph();
    const x = g.input('x', [100]);
    g.output('y', o.exp(o.reshape(o.neg(o.exp(x)), [10, 10])));
    expect(planMemory(g)).toMatchObject({ inputs: 400, outputs: 400, peak: 400, saved: 0 });
  });

  test('a tensor lives until its last reader', () => {
    const g = new Graph();
    const a = o.exp(g.input('x', [100]));
    const b = o.reduceSum(o.mul(o.neg(a), a));
    g.output('b', b);
    // a and neg(a) together, then the product in the place of one of them.
    expect(planMemory(g).peak).toBe(800);
  });

  test('weights as stored, as cast, and packed once per direction', () => {
    const g = new Graph();
    const w = frozen(g, 'w', [6, 6], 'float16');
    const x = g.input('x', [2, 6]);
    const y = o.exp(o.matmul(x, w, { transB: true }));
    const loss = o.reduceSum(o.add(y, o.exp(o.matmul(y, w, { transB: true }))));
    g.output('loss', loss);
    g.output('dx', gradients(loss, [x])[0]!);
    const plan = planMemory(optimize(g));
    expect(plan).toMatchObject({ weights: 72, castWeights: 144, prepacked: 288 });
    expect(plan.saved).toBe(2 * 48);
  });
});

describe('16-bit floats', () => {
  test('every half survives the way to a double and back', () => {
    for (let w = 0; w < 65536; w++) if (!Number.isNaN(fromHalf(w))) expect(toHalf(fromHalf(w))).toBe(w);
  });
  test('every bfloat16 survives the way to a double and back', () => {
    for (let w = 0; w < 65536; w++) if (!Number.isNaN(fromBrain(w))) expect(toBrain(fromBrain(w))).toBe(w);
  });
  test('rounding is to the nearest', () => {
    fc.assert(fc.property(fc.double({ min: -65000, max: 65000, noNaN: true }), x => {
      const w = toHalf(x);
      const error = Math.abs(fromHalf(w) - x);
      for (const near of [w - 1, w + 1]) if (near >= 0 && near < 65536 && (near & 0x7fff) <= 0x7c00 && (near & 0x8000) === (w & 0x8000)) expect(error).toBeLessThanOrEqual(Math.abs(fromHalf(near) - x));
    }));
    expect([toHalf(NaN), toHalf(1e6), toHalf(-1e6), toHalf(-0)]).toEqual([0x7e00, 0x7c00, 0xfc00, 0x8000]);
  });
});
