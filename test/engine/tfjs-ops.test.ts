/** The second opinion on every op: tfjs' CPU backend against the float64 interpreter, over the samples of the registry. A new op is tested by standing there. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { dims, toFloat64 } from '../../src/main/engine/graph/dtype.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import { fusedOps, ops } from '../../src/main/engine/graph/ops/index.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { Sampler } from '../../src/main/engine/graph/sample.ts';
import { KERNELS } from '../../src/main/engine/tfjs/kernels/index.ts';
import { tfProgram } from '../../src/main/engine/tfjs/program.ts';
import { buildCase, distance, opBuild } from '../graph/op-harness.ts';

beforeAll(async () => { await tf.setBackend('cpu'); });

test('every op has a kernel, and every kernel an op', () => {
  const names = [...ops, ...fusedOps].map((op) => op.name);
  expect(names.filter((name) => !KERNELS.has(name))).toEqual([]);
  expect([...KERNELS.keys()].filter((name) => !names.includes(name))).toEqual([]);
});

describe.each([...ops, ...fusedOps].map((op) => ({ name: op.name, op })))('$name', ({ op }) => {
  test('tfjs agrees with the interpreter in float32, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    for (const sample of [1, 2, 3].flatMap((seed) => op.samples(new Sampler(seed)))) {
      const { graph, feeds } = buildCase(sample.inputs, opBuild(op, sample), 'float32');
      const program = tfProgram(tf, graph);
      const got = await program.run(feeds);
      await program.dispose();
      for (const [name, expected] of Object.entries(interpret(graph, feeds))) {
        const result = got[name]!;
        expect(result.shape).toEqual(expected.shape);
        expect(result.dtype).toBe(graph.outputs.get(name)!.dtype);
        expect(distance(toFloat64(result.dtype, result.data), expected.data), `${name} of ${JSON.stringify(sample.params)} ${sample.inputs.map((x) => dims(x.shape)).join(' ')}`).toBeLessThan(sample.tolerance ?? 2e-5);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what does not exist in tfjs', () => {
  test('ids of 64 bit are fed as they are, and refused where they do not fit 32 bit', async () => {
    const g = new Graph();
    g.output('y', o.gather(g.constant([1, 2, 3], [3]), g.input('ids', [2], 'int64')));
    const program = tfProgram(tf, g);
    expect([...(await program.run({ ids: BigInt64Array.of(2n, -3n) }))['y']!.data]).toEqual([3, 1]);
    await expect(program.run({ ids: BigInt64Array.of(2n ** 40n, 0n) })).rejects.toMatchObject({ code: 'runtime-failed', message: 'tfjs has integers of 32 bit only, and 1099511627776 does not fit; run this on another device.' });
    await expect(program.run({})).rejects.toMatchObject({ code: 'bad-request' });
    await expect(program.run({ ids: BigInt64Array.of(1n) })).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(program.run({ ids: Float32Array.of(1, 2) })).rejects.toMatchObject({ code: 'tensor-dtype' });
    await program.dispose();
  });

  test('stored 16-bit weights are uploaded as float32', async () => {
    const g = new Graph();
    g.output('y', o.mul(o.asReal(g.weight('w', [2], 'bfloat16', { kind: 'data', data: Uint16Array.of(0x3fc0, 0xc000) })), g.input('x', [])));
    const program = tfProgram(tf, g);
    expect([...(await program.run({ x: Float32Array.of(2) }))['y']!.data]).toEqual([3, -4]);
    await program.dispose();
  });

  test('an op without a kernel is named before anything runs', () => {
    const g = new Graph();
    const x = g.input('x', [1]);
    g.output('y', g.apply({ name: 'novel', saves: [], infer: (inputs) => [inputs[0]!], eval: (inputs) => [inputs[0]!], lower: () => undefined, samples: () => [] }, [x])[0]!);
    expect(() => tfProgram(tf, g)).toThrow('tfjs has no kernel for novel; run this on another device.');
  });
});
