/** Every composite: executor against interpreter, gradient against central differences. */

import { describe, expect, test } from 'vitest';
import * as fn from '../../src/main/engine/graph/fn/index.ts';
import { fnSamples } from '../../src/main/engine/graph/fn/samples.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients } from '../../src/main/engine/graph/passes/autodiff.ts';
import { deadCode } from '../../src/main/engine/graph/passes/dead-code.ts';
import { Sampler } from '../../src/main/engine/graph/sample.ts';
import { buildCase, executorDistance, gradientError } from './op-harness.ts';

test('every composite has a sample', () => {
  const names = fnSamples.map(s => s.name);
  for (const key of Object.keys(fn).filter(k => k !== 'MASKED' && k !== 'customGrad')) expect(names.some(n => n.startsWith(key)), key).toBe(true);
});

describe.each(fnSamples)('$name', sample => {
  test('onnxruntime agrees with the interpreter', async () => {
    for (const seed of [1, 2]) {
      const inputs = sample.inputs(new Sampler(seed));
      for (const r of await executorDistance(buildCase(inputs, (_, xs) => sample.build(xs), 'float32'))) expect(r.distance, r.name).toBeLessThan(2e-5);
      if (sample.floatOnly) continue;
      for (const r of await executorDistance(buildCase(inputs, (_, xs) => sample.build(xs), 'float64'))) expect(r.distance, r.name).toBeLessThan(1e-9);
    }
  });

  test.skipIf(sample.wrt?.length === 0)('gradient is the central difference', () => {
    for (const seed of [1, 2]) {
      expect(gradientError(sample.inputs(new Sampler(seed)), (_, xs) => sample.build(xs), gradients, i => sample.wrt?.includes(i) ?? true)).toBeLessThan(1e-6);
    }
  });
});

test('chunked attention equals one chunk, and skips the blocks that the causal mask forbids', () => {
  const run = (chunk: number) => {
    const g = new Graph({ real: 'float64' });
    const [q, k, v] = [g.input('q', [1, 4, 8, 2]), g.input('k', [1, 2, 8, 2]), g.input('v', [1, 2, 8, 2])];
    g.output('y', fn.attention({ q, k, v, causal: true, chunk }));
    const r = new Sampler(5);
    const cells = g.nodes.filter(n => n.op.name === 'softmax').reduce((n, s) => n + s.outputs[0]!.shape.reduce((a, b) => a * b, 1), 0);
    return { y: interpret(g, { q: r.real([64]).data, k: r.real([32]).data, v: r.real([32]).data })['y']!.data, cells };
  };
  const [whole, chunked] = [run(8), run(2)];
  chunked.y.forEach((x, i) => expect(x).toBeCloseTo(whole.y[i]!, 12));
  expect(whole.cells).toBe(4 * 64);
  expect(chunked.cells).toBe(4 * 2 * (2 + 4 + 6 + 8));
});

test('an evaluation graph does not pay for the gradient of the head', () => {
  const g = new Graph();
  const r = fn.crossEntropyRows(g.input('h', [6, 4]), g.input('w', [9, 4]), g.input('t', [6], 'int64'), g.input('m', [6]), { chunk: 2 });
  g.output('loss', r.loss);
  const small = deadCode(g);
  expect(small.nodes.filter(n => n.op.name === 'matmul').length).toBe(3);
  expect(small.nodes.filter(n => n.op.name === 'barrier').length).toBe(2);
  expect(g.nodes.filter(n => n.op.name === 'matmul').length).toBe(6);
});

test('no path keeps logits of all rows for the backward pass', () => {
  const g = new Graph();
  const h = g.input('h', [8, 4]);
  const r = fn.crossEntropyRows(h, g.weight('w', [50, 4], 'float32', { kind: 'data', data: new Float32Array(200) }), g.input('t', [8], 'int64'), g.input('m', [8]), { chunk: 4 });
  gradients(r.loss, [h]).forEach(d => g.output('dh', d));
  for (const n of g.nodes) if (n.backward) for (const v of n.inputs) expect(v.shape.at(-1), n.op.name).not.toBe(50);
  expect(o.softmax).toBe(fn.softmax);
});
