/** What the backward pass computes again: equal results at every level, less memory from level to level, and no product with a weight before the last. */

import { describe, expect, test } from 'vitest';
import * as fn from '../../src/main/engine/graph/fn/index.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { Value } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients, optimize } from '../../src/main/engine/graph/passes/index.ts';
import { histogram, planMemory } from '../../src/main/engine/graph/stats.ts';
import { verify } from '../../src/main/engine/graph/verify.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';

const LENGTH = 32, WIDTH = 8, HEADS = 4, KEY_HEADS = 2, CHUNK = 8;

/** How a block differs: what lies between the scores and their softmax, and the activation. */
interface Kind { softcap?: number; masked?: boolean; gate: (gate: Value, up: Value) => Value }
const KINDS: Record<string, Kind> = {
  'silu, causal': { gate: fn.swiglu },
  'tanh gelu, capped scores': { gate: fn.gegluTanh, softcap: 5 },
  'exact gelu, a mask of its own': { gate: (gate, up) => o.mul(fn.gelu(gate), up), masked: true },
};

/** Blocks as a decoder has them, every weight trained. Parameter gradients leave as one sum each, so that memory is in the activations. */
function decoder(layers: number, { softcap, masked = false, gate }: Kind, real: 'float32' | 'float64'): Graph {
  const g = new Graph({ real });
  const wrt: Value[] = [];
  const weight = (name: string, shape: number[]): Value => { const v = g.input(name, shape); wrt.push(v); return v; };
  let x = o.neg(g.input('x', [LENGTH, WIDTH]));
  const mask = masked ? g.input('mask', [1, 1, LENGTH, LENGTH]) : undefined;
  const heads = (y: Value, count: number): Value => o.transpose(o.reshape(y, [1, LENGTH, count, WIDTH / HEADS]), [0, 2, 1, 3]);
  for (let i = 0; i < layers; i++) {
    x = g.segment(`layer.${i}`, () => {
      const normed = fn.rmsNorm(x, weight(`n${i}`, [WIDTH]), 1e-5);
      const [q, k, v] = [HEADS, KEY_HEADS, KEY_HEADS].map((count, j) => heads(fn.linear(normed, weight(`qkv${j}.${i}`, [(count * WIDTH) / HEADS, WIDTH])), count)) as [Value, Value, Value];
      const seen = fn.attention({ q, k, v, chunk: CHUNK, ...(mask === undefined ? { causal: true } : { mask }), ...(softcap === undefined ? {} : { softcap }) });
      const middle = o.add(x, fn.linear(o.reshape(o.transpose(seen, [0, 2, 1, 3]), [LENGTH, WIDTH]), weight(`o${i}`, [WIDTH, WIDTH])));
      const again = fn.rmsNorm(middle, weight(`m${i}`, [WIDTH]), 1e-5);
      return o.add(middle, fn.linear(gate(fn.linear(again, weight(`g${i}`, [4 * WIDTH, WIDTH])), fn.linear(again, weight(`u${i}`, [4 * WIDTH, WIDTH]))), weight(`d${i}`, [WIDTH, 4 * WIDTH])));
    });
  }
  const loss = o.reduceSum(o.mul(x, x));
  g.output('loss', loss);
  gradients(loss, wrt).forEach((v, i) => g.output(`gradient:${i}`, o.reduceSum(o.mul(v, v))));
  return g;
}

const feedsOf = <T>(g: Graph, of: (length: number, at: (i: number) => number) => T): Record<string, T> => Object.fromEntries(g.inputs.map((v, k) => [v.name!, of(v.shape.reduce((a, b) => a * b, 1), (i) => (v.name === 'mask' ? (i % LENGTH > Math.floor(i / LENGTH) ? -1e9 : 0) : Math.sin(i * 1.3 + k) / 2))]));
const LEVELS = ['cheap', 'attention', true] as const;

describe.each(Object.entries(KINDS))('%s', (_name, kind) => {
  const plain = optimize(decoder(4, kind, 'float64'));
  const levels = LEVELS.map((recompute) => optimize(decoder(4, kind, 'float64'), { recompute }));

  test('every level gives the numbers of the plain graph', () => {
    const feeds = feedsOf(plain, (length, at) => Float64Array.from({ length }, (_, i) => at(i)));
    const expected = interpret(plain, feeds);
    expect(expected['loss']!.data[0]).toBeGreaterThan(0);
    for (const g of levels) {
      verify(g);
      const got = interpret(g, feeds);
      // silu is computed again as x * sigmoid(x): the last bits of a float64.
      for (const [name, { data }] of Object.entries(expected)) expect(Math.abs(got[name]!.data[0]! / data[0]! - 1), name).toBeLessThan(1e-14);
    }
  });

  test('every level keeps less than the one before it', () => {
    const saved = [plain, ...levels].map((g) => planMemory(g).saved);
    expect(saved).toEqual(saved.toSorted((a, b) => b - a));
    expect(new Set(saved).size).toBe(saved.length);
  });

  test('attention computes scores and probabilities twice, and no product with a weight', () => {
    const count = (g: Graph, op: string): number => histogram(g)[op] ?? 0;
    const products = (g: Graph): number => g.nodes.filter((n) => (n.op.name === 'matmul' || n.op.name === 'gemm') && n.inputs.some((v) => v.source !== undefined || v.node?.inputs[0]?.source !== undefined)).length;
    const [cheap, attention, all] = levels as [Graph, Graph, Graph];
    expect(count(cheap, 'softmax')).toBe(count(plain, 'softmax'));
    // In the last block nothing is won: its gradient enters from within.
    const scores = 3 * (LENGTH / CHUNK);
    expect(count(attention, 'softmax')).toBe(count(plain, 'softmax') + scores);
    expect(products(plain)).toBeGreaterThan(0);
    expect([products(cheap), products(attention)]).toEqual([products(plain), products(plain)]);
    expect(products(all)).toBeGreaterThan(products(plain));
    expect(count(attention, 'matmul') + count(attention, 'gemm')).toBe(count(plain, 'matmul') + count(plain, 'gemm') + scores);
  });

  test('onnxruntime computes the same', async () => {
    const one = decoder(2, kind, 'float32');
    const feeds = feedsOf(one, (length, at) => Float32Array.from({ length }, (_, i) => at(i)));
    const run = async (g: Graph): Promise<Record<string, number>> => {
      const program = await compile(g, { threads: 1, optimization: 'disabled' });
      const out = await program.run(feeds);
      await program.dispose();
      return Object.fromEntries(Object.entries(out).map(([name, { data }]) => [name, Number(data[0])]));
    };
    const expected = await run(optimize(one));
    for (const recompute of LEVELS) {
      const got = await run(optimize(decoder(2, kind, 'float32'), { recompute }));
      for (const [name, value] of Object.entries(expected)) expect(Math.abs(got[name]! - value), name).toBeLessThanOrEqual(1e-5 * Math.abs(value));
    }
  });
});
