/** The optimiser as graphs against the one of this process: in the float64 interpreter, in float32 on onnxruntime, and on tfjs. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { toFloat64 } from '../../src/main/engine/graph/dtype.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import type { Graph, Real, TypedArray } from '../../src/main/engine/graph/node.ts';
import { verify } from '../../src/main/engine/graph/verify.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { beginUpdate, updatePieces, type AdamWOptions, type AdamWState, type ParameterRange } from '../../src/main/engine/optim/adamw.ts';
import { gradientNorm } from '../../src/main/engine/optim/clip.ts';
import { factorFeeds, normGraph, sumGraph, updateGraph, type UpdatedVector } from '../../src/main/engine/optim/update-graph.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { tfProgram } from '../../src/main/engine/tfjs/program.ts';
import { partsOf } from '../../src/main/engine/train/optimiser/on-device.ts';

type Numbers = Float32Array | Float64Array;
type Outputs = Record<string, Float64Array>;
const STEPS = 5;

const range = (name: string, offset: number, length: number, decay: boolean): ParameterRange => ({ name, shape: [length], offset, length, decay });
/** Decayed, not decayed, and both in one. The last is longer than what is summed at once, twice over. */
const VECTORS: UpdatedVector[] = [
  { name: 'a', offset: 0, length: 37, ranges: [range('a', 0, 37, true)] },
  { name: 'b', offset: 37, length: 5, ranges: [range('b', 37, 5, false)] },
  { name: 'c', offset: 42, length: 5000, ranges: [range('c0', 42, 1000, true), range('c1', 1042, 3000, false), range('c2', 4042, 1000, true)] },
];
const LENGTH = 5042;

const numbers = (real: Real): Numbers => (real === 'float64' ? new Float64Array(LENGTH) : new Float32Array(LENGTH));
/** The updates of adamw.ts are plain arithmetic: in float64 they are exact enough to compare with. */
const asState = (values: Numbers, m: Numbers, v: Numbers, step = 0): AdamWState => ({ step, values, m, v }) as unknown as AdamWState;
const viewOf = (x: Numbers, { offset, length }: UpdatedVector): Numbers => x.subarray(offset, offset + length);

function start(real: Real): { state: AdamWState; grads: () => Numbers } {
  const random = new Random(4);
  const values = numbers(real);
  for (let i = 0; i < LENGTH; i++) values[i] = random.normal();
  // From gradients that vanish beside eps to large ones.
  return { state: asState(values, numbers(real), numbers(real)), grads: () => { const g = numbers(real); for (let i = 0; i < LENGTH; i++) g[i] = random.normal() * 10 ** (random.below(14) - 11); return g; } };
}

const perVector = (kind: string, x: Numbers): Record<string, TypedArray> => Object.fromEntries(VECTORS.map((v) => [`${kind}:${v.name}`, viewOf(x, v)]));

/** Steps of both optimisers; the worst distance of values, relative to the step, and of moments. */
async function worst(real: Real, options: AdamWOptions, run: (feeds: Record<string, TypedArray>) => Promise<Outputs> | Outputs): Promise<{ value: number; moment: number }> {
  const { state, grads } = start(real), mine = start(real).state;
  const found = { value: 0, moment: 0 };
  for (let step = 0; step < STEPS; step++) {
    const g = grads(), learningRate = 0.01 / (step + 1);
    const update = { grads: g as Float32Array, gradScale: 0.37, learningRate };
    const { pieces, factors } = beginUpdate(state, state, VECTORS.flatMap((v) => v.ranges), update, options);
    const before = Float64Array.from(state.values);
    updatePieces(state, state, g as Float32Array, pieces, factors);
    const scalars = Object.fromEntries(Object.entries(factorFeeds(factors, learningRate * options.weightDecay)).map(([k, x]) => [k, real === 'float64' ? exact(k, factors, learningRate * options.weightDecay) : x]));
    const out = await run({ ...perVector('value', mine.values), ...perVector('m', mine.m), ...perVector('v', mine.v), ...perVector('grad', g), ...scalars });
    for (const v of VECTORS) for (const [kind, into] of [['value', mine.values], ['m', mine.m], ['v', mine.v]] as const) into.set(out[`next_${kind}:${v.name}`]!, v.offset);
    for (let i = 0; i < LENGTH; i++) {
      const moved = Math.abs(state.values[i]! - before[i]!) + (real === 'float32' ? Math.abs(before[i]!) : 0);
      found.value = Math.max(found.value, Math.abs(mine.values[i]! - state.values[i]!) / (moved + 1e-6));
      for (const [x, y] of [[mine.m[i]!, state.m[i]!], [mine.v[i]!, state.v[i]!]] as const) found.moment = Math.max(found.moment, Math.abs(x - y) / (Math.abs(y) + 1e-30));
    }
  }
  return found;
}
const exact = (name: string, factors: object, decay: number): Float64Array => Float64Array.of(name === 'decay' ? decay : (factors as Record<string, number>)[name]!);

const adam = (more: Partial<AdamWOptions> = {}): AdamWOptions => ({ beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1, ...more });
const inDouble = (out: Record<string, { data: TypedArray; dtype?: Parameters<typeof toFloat64>[0] }>): Outputs => Object.fromEntries(Object.entries(out).map(([k, r]) => [k, toFloat64(r.dtype ?? 'float32', r.data)]));
const interpreted = (graph: Graph) => (feeds: Record<string, TypedArray>): Outputs => Object.fromEntries(Object.entries(interpret(graph, feeds)).map(([k, r]) => [k, r.data]));

describe('AdamW as a graph', () => {
  it.each([['with weight decay', adam()], ['without', adam({ weightDecay: 0 })], ['with other constants', adam({ beta1: 0.5, beta2: 0.9, eps: 1e-3 })]])('%s: in float64 the same updates', async (_name, options) => {
    const graph = updateGraph(VECTORS, options, 'float64');
    verify(graph);
    const { value, moment } = await worst('float64', options, interpreted(graph));
    expect(value).toBeLessThan(1e-9);
    expect(moment).toBeLessThan(1e-12);
  });

  it('in float32 within its rounding, on onnxruntime', async () => {
    const program = await compile(updateGraph(VECTORS, adam()), { threads: 1, optimization: 'disabled' });
    const { value } = await worst('float32', adam(), async (feeds) => inDouble(await program.run(feeds)));
    await program.dispose();
    expect(value).toBeLessThan(1e-6);
  });

  describe('on tfjs', () => {
    beforeAll(async () => { await tf.setBackend('cpu'); });
    it('in float32 within its rounding', async () => {
      const program = tfProgram(tf, updateGraph(VECTORS, adam()));
      const { value } = await worst('float32', adam(), async (feeds) => inDouble(await program.run(feeds)));
      await program.dispose();
      expect(value).toBeLessThan(1e-6);
    });
  });
});

describe('the norm of gradients as a graph', () => {
  const total = (squares: Float64Array): number => Math.sqrt(squares.reduce((a, b) => a + b, 0));
  it.each([1, 2 ** -16])('is the norm of gradients times %s', async (scale) => {
    const grads = start('float32').grads() as Float32Array;
    const expected = gradientNorm(grads.map((x) => x * scale));
    const exactly = interpreted(normGraph(VECTORS, 'float64'))({ ...perVector('grad', Float64Array.from(grads)), gradScale: Float64Array.of(scale) });
    expect(total(exactly['squares']!) / expected).toBeCloseTo(1, 6);
    const program = await compile(normGraph(VECTORS), { threads: 1 });
    const out = inDouble(await program.run({ ...perVector('grad', grads), gradScale: Float32Array.of(scale) }));
    await program.dispose();
    expect(out['squares']).toHaveLength(3);
    expect(total(out['squares']!) / expected).toBeCloseTo(1, 6);
  });

  it('is not finite where a gradient is not', () => {
    for (const bad of [Infinity, -Infinity, NaN]) {
      const grads = new Float64Array(LENGTH);
      grads[4321] = bad;
      expect(Number.isFinite(total(interpreted(normGraph(VECTORS, 'float64'))({ ...perVector('grad', grads), gradScale: Float64Array.of(1) })['squares']!))).toBe(false);
    }
  });
});

it('gradients of micro-batches are added', () => {
  const [a, b] = [start('float64').grads(), start('float64').grads().map((x) => 2 * x)];
  const out = interpreted(sumGraph(VECTORS, 'float64'))({ ...perVector('sum', a), ...perVector('grad', b) });
  for (const v of VECTORS) expect(Array.from(out[`next_sum:${v.name}`]!)).toEqual(Array.from(viewOf(a, v), (x, i) => x + viewOf(b, v)[i]!));
});

it('groups are updated in parts of a limited size, in their order', () => {
  const sized = (...lengths: number[]): Parameters<typeof partsOf>[0] => lengths.map((length, i) => ({ name: String(i), ranges: [], offset: 0, length }));
  expect(partsOf(sized(5, 5, 1, 30, 4, 6), 10).map((part) => part.map((g) => g.length))).toEqual([[5, 5], [1], [30], [4, 6]]);
  expect(partsOf([])).toEqual([]);
});
