/** Every primitive against the interpreter, onnxruntime and central differences. A new op is tested by standing in the registry. */

import { dims } from '../../src/main/engine/graph/dtype.ts';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import type { Value } from '../../src/main/engine/graph/node.ts';
import type { Op } from '../../src/main/engine/graph/op.ts';
import { fusedOps, ops } from '../../src/main/engine/graph/ops/index.ts';
import { gradients } from '../../src/main/engine/graph/passes/autodiff.ts';
import { Sampler } from '../../src/main/engine/graph/sample.ts';
import { buildCase, executorDistance, gradientError, opBuild } from './op-harness.ts';

/** Ops whose ONNX kernel exists in float32 only; checked in float64 by the interpreter alone. */
const NO_DOUBLE_KERNEL = new Set(['erf']);
const SEEDS = [1, 2, 3];
const samplesOf = (op: Op) => SEEDS.flatMap(seed => op.samples(new Sampler(seed)));

describe.each([...ops, ...fusedOps].map(op => ({ name: op.name, op })))('$name', ({ op }) => {
  test('has samples, unless it only carries a gradient', () => {
    expect(op.name === 'customGrad' || samplesOf(op).length > 0).toBe(true);
  });

  test('interpreter shape is the inferred shape', () => {
    for (const s of samplesOf(op)) {
      const built = buildCase(s.inputs, opBuild(op, s), 'float64');
      const results = interpret(built.graph, built.feeds);
      built.outputs.forEach((o, i) => {
        expect(results[`y${i}`]?.shape).toEqual(o.shape);
        expect(results[`y${i}`]?.data.length).toBe(o.shape.reduce((a, b) => a * b, 1));
      });
    }
  });

  test('onnxruntime agrees in float32', async () => {
    for (const s of samplesOf(op)) {
      const built = buildCase(s.inputs, opBuild(op, s), 'float32');
      for (const r of await executorDistance(built)) {
        expect(r.distance, `${r.name} of ${JSON.stringify(s.params)} ${s.inputs.map(x => dims(x.shape)).join(' ')}`).toBeLessThan(s.tolerance ?? 2e-5);
        expect(r.shape).toEqual(built.graph.outputs.get(r.name)?.shape);
      }
    }
  });

  test.skipIf(NO_DOUBLE_KERNEL.has(op.name))('onnxruntime agrees in float64', async () => {
    for (const s of samplesOf(op)) {
      if (!s.inputs.some(x => x.dtype === 'real')) continue;
      for (const r of await executorDistance(buildCase(s.inputs, opBuild(op, s), 'float64'))) expect(r.distance, `${r.name} of ${s.inputs.map(x => dims(x.shape)).join(' ')}`).toBeLessThan(op.name === 'cast' ? 1e-6 : 1e-12);
    }
  });

  const differentiable = (s: ReturnType<Op['samples']>[number]): boolean =>
    'grad' in op && op.name !== 'stopGradient' && s.inputs.some(x => x.dtype === 'real') && buildCase(s.inputs, opBuild(op, s), 'float64').outputs[0]?.dtype === 'float64';
  /** Tables of rope and the tensors that a barrier waits for take no gradient. */
  const takesGradient = (i: number): boolean => i === 0 || !['rope', 'barrier'].includes(op.name);

  test('gradient is the central difference', () => {
    for (const s of samplesOf(op)) {
      if (!differentiable(s) || s.inputs.some(x => x.data.length === 0)) continue;
      expect(gradientError(s.inputs, opBuild(op, s), gradients, takesGradient), JSON.stringify(s.params)).toBeLessThan(1e-6);
    }
  });

  test('gradient is linear in its seed and reads only what the op says it saves', () => {
    for (const s of samplesOf(op)) {
      if (!differentiable(s)) continue;
      const built = buildCase(s.inputs, opBuild(op, s), 'float64');
      const y = built.outputs[0] as Value;
      const seed = built.graph.input('seed', y.shape, 'float64');
      const wrt = built.inputs.filter((v, i) => v.dtype === 'float64' && takesGradient(i));
      gradients(y, wrt, seed).forEach((d, i) => built.graph.output(`d${i}`, d));
      const n = y.shape.reduce((a, b) => a * b, 1);
      const [u, v] = [Float64Array.from({ length: n }, (_, i) => Math.sin(i + 1)), Float64Array.from({ length: n }, (_, i) => Math.cos(3 * i))];
      const run = (data: Float64Array) => interpret(built.graph, { ...built.feeds, seed: data });
      const [a, b, c] = [run(u), run(v), run(u.map((x, i) => 2 * x - 3 * (v[i] as number)))];
      wrt.forEach((_, k) => c[`d${k}`]?.data.forEach((x, i) => expect(x).toBeCloseTo(2 * (a[`d${k}`]?.data[i] as number) - 3 * (b[`d${k}`]?.data[i] as number), 8)));

      const forward = new Map<Value, string>([...built.inputs.map((x, i) => [x, `in${i}`] as const), ...built.outputs.map((x, i) => [x, `out${i}`] as const)]);
      for (const node of built.graph.nodes) if (node.backward) for (const x of node.inputs) {
        const role = forward.get(x);
        if (role) expect(op.saves, `the gradient of ${op.name} reads ${role}`).toContain(role);
      }
    }
  });
});
