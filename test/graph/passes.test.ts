/** Passes keep meaning: on random graphs each gives the interpreter's results again, the verifier holds, printing is stable, and onnxruntime loads what comes out. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toFloat64 } from '../../src/main/engine/graph/dtype.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { Value } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { fusions, fuse } from '../../src/main/engine/graph/passes/fuse.ts';
import { cse, deadCode, fold, gradients, optimize, recompute } from '../../src/main/engine/graph/passes/index.ts';
import { print } from '../../src/main/engine/graph/print.ts';
import { histogram, planMemory } from '../../src/main/engine/graph/stats.ts';
import { verify } from '../../src/main/engine/graph/verify.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { distance } from './op-harness.ts';
import { randomGraph } from './random-graph.ts';

const passes: Record<string, (g: Graph) => Graph> = { fold, cse, deadCode, fuse, recompute: g => recompute(g), optimize: g => optimize(g), 'optimize with recompute': g => optimize(g, { recompute: true }) };
const seeds = fc.integer({ min: 0, max: 1e6 });

describe.each(Object.entries(passes))('%s', (_, pass) => {
  test('keeps the results of random graphs', () => {
    fc.assert(fc.property(seeds, seed => {
      const { graph, feeds } = randomGraph(seed);
      const changed = pass(graph);
      verify(changed);
      const [before, after] = [interpret(graph, feeds), interpret(changed, feeds)];
      expect(Object.keys(after)).toEqual(Object.keys(before));
      for (const [name, value] of Object.entries(before)) expect(distance(after[name]!.data, value.data, 1e-6), name).toBeLessThan(1e-11);
    }), { numRuns: 60 });
  });

  test('prints the same text for the same graph', () => {
    fc.assert(fc.property(seeds, seed => { expect(print(pass(randomGraph(seed).graph))).toBe(print(pass(randomGraph(seed).graph))); }), { numRuns: 10 });
  });
});

test('onnxruntime computes what the interpreter computes, before and after optimisation', async () => {
  await fc.assert(fc.asyncProperty(seeds, async seed => {
    const { graph, feeds } = randomGraph(seed);
    const expected = interpret(graph, feeds);
    for (const g of [graph, optimize(graph), optimize(graph, { recompute: true })]) {
      const program = await compile(g, { threads: 1 });
      const got = await program.run(feeds);
      await program.dispose();
      for (const [name, e] of Object.entries(expected)) expect(distance(toFloat64('float64', got[name]!.data), e.data), name).toBeLessThan(1e-9);
    }
  }), { numRuns: 25 });
});

describe('fusion rules', () => {
  const cases: Record<string, (g: Graph) => Value> = {
    swap: g => o.matmul(o.transpose(g.input('a', [2, 3, 4]), [0, 2, 1]), g.input('b', [2, 3, 5])),
    scale: g => o.mul(o.matmul(g.input('a', [3, 4]), g.input('b', [4, 5]), { alpha: 0.5 }), 3),
    addend: g => o.add(g.input('c', [5]), o.matmul(g.input('a', [3, 4]), g.input('b', [5, 4]), { transB: true, alpha: 0.5 })),
  };
  test.each(Object.keys(fusions))('%s applies and keeps the result', async name => {
    const build = cases[name];
    expect(build, `no case for the rule ${name}`).toBeDefined();
    const g = new Graph();
    g.output('y', build!(g));
    const fused = fuse(g, [fusions[name]!]);
    expect(fused.nodes.length).toBe(1);
    const feeds = Object.fromEntries(g.inputs.map((v, k) => [v.name!, Float32Array.from({ length: v.shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + k))]));
    const expected = interpret(g, feeds)['y']!.data;
    expect(distance(interpret(fused, feeds)['y']!.data, expected)).toBeLessThan(1e-14);
    const program = await compile(fused);
    expect(distance(toFloat64('float32', (await program.run(feeds))['y']!.data), expected)).toBeLessThan(1e-6);
    await program.dispose();
  });

  test('a product that somebody else reads is not absorbed', () => {
    const g = new Graph();
    const p = o.matmul(g.input('a', [2, 2]), g.input('b', [2, 2]));
    g.output('p', p);
    g.output('y', o.add(p, g.input('c', [2, 2])));
    expect(histogram(fuse(g))).toEqual({ add: 1, matmul: 1 });
  });
});

describe('simplification', () => {
  test('folds constants, drops identities and reads through expansions', () => {
    const g = new Graph();
    const x = g.input('x', [2, 3]);
    const two = o.add(g.constant(1), g.constant(1));
    g.output('y', o.mul(o.add(o.stopGradient(o.neg(o.neg(x))), 0), o.expand(o.reshape(two, [1, 1]), [2, 3])));
    expect(print(deadCode(fold(g)))).toBe('input @x float32[2,3]\n%0:float32[2,3] = mul(@x, 2)\noutput y = %0\n');
  });

  test('gradients of slices are put side by side, not padded and added', () => {
    const g = new Graph({ real: 'float64' });
    const x = g.input('x', [2, 7]);
    const [a, b, c] = [o.slice(x, 1, 0, 2), o.slice(x, 1, 2, 3), o.slice(x, 1, 3, 6)];
    const sum = (v: Value): Value => o.reduceSum(v, [0, 1]);
    g.output('dx', gradients(o.add(o.add(sum(o.mul(a, a)), sum(o.exp(b))), sum(o.mul(o.mul(c, c), c))), [x])[0]!);
    const after = deadCode(fold(g));
    expect(histogram(g)).toMatchObject({ pad: 3 });
    // One pad is left: nothing reads the last column.
    expect(histogram(after)).toMatchObject({ pad: 1, concat: 1 });
    const feeds = { x: Float64Array.from({ length: 14 }, (_, i) => i / 7 - 1) };
    expect(interpret(after, feeds)['dx']!.data).toEqual(interpret(g, feeds)['dx']!.data);
  });

  test('a source that is an output and two names for one value survive', async () => {
    const g = new Graph();
    const x = g.input('x', [2]);
    const y = o.neg(x);
    g.output('same', x);
    g.output('y1', y);
    g.output('y2', y);
    const program = await compile(optimize(g));
    const r = await program.run({ x: new Float32Array([1, -2]) });
    expect([...r['same']!.data as Float32Array, ...r['y1']!.data as Float32Array, ...r['y2']!.data as Float32Array]).toEqual([1, -2, -1, 2, -1, 2]);
    await program.dispose();
  });
});

describe('recompute', () => {
  /** Layers deep and wide enough that activations dominate. */
  const layered = (layers: number) => {
    const g = new Graph({ real: 'float64' });
    let x = o.neg(g.input('x', [128, 8]));
    const wrt: Value[] = [];
    for (let i = 0; i < layers; i++) {
      const a = g.input(`a${i}`, [32, 8]);
      const b = g.input(`b${i}`, [8, 32]);
      wrt.push(a, b);
      x = g.segment(`layer.${i}`, () => o.add(x, o.matmul(o.tanh(o.matmul(x, a, { transB: true })), b, { transB: true })));
    }
    const loss = o.reduceSum(o.mul(x, x));
    g.output('loss', loss);
    return { g, loss, wrt };
  };

  test('gives equal gradients and plans less memory', () => {
    const { g, loss, wrt } = layered(12);
    // Parameter gradients leave as one sum each.
    gradients(loss, wrt).forEach((v, i) => g.output(`d${i}`, o.reduceSum(v)));
    const [plain, again] = [optimize(g), optimize(g, { recompute: true })];
    const feeds = Object.fromEntries(g.inputs.map((v, k) => [v.name!, Float64Array.from({ length: v.shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.3 + k) / 4)]));
    const [p, q] = [interpret(plain, feeds), interpret(again, feeds)];
    for (const name of Object.keys(p)) expect([...q[name]!.data]).toEqual([...p[name]!.data]);
    expect(planMemory(again).saved).toBeLessThan(planMemory(plain).saved / 3);
    expect(planMemory(again).peak).toBeLessThan(planMemory(plain).peak * 0.6);
    // The last segment is not worth a copy here: its gradient enters from within.
    expect(again.nodes.filter(n => n.op.name === 'tanh').length).toBe(23);
  });

  test('can be restricted to some segments', () => {
    const { g, loss, wrt } = layered(3);
    gradients(loss, wrt).forEach((v, i) => g.output(`d${i}`, v));
    expect(optimize(g, { recompute: new Set(['layer.1']) }).nodes.filter(n => n.op.name === 'tanh').length).toBe(4);
  });
});
