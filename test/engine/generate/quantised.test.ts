/** Frozen weights in 8 and 4 bit: rounding error of the codes, generation near fp32, adapters untouched; and the inference pass keeps results. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createGenerator } from '../../../src/main/engine/generate/index.ts';
import { BLOCK, QuantisedWeights, quantise } from '../../../src/main/engine/generate/quantised-weights.ts';
import { quantiseGraph } from '../../../src/main/engine/generate/quantise-graph.ts';
import { decodeGraph } from '../../../src/main/engine/generate/decode-graph.ts';
import { Graph } from '../../../src/main/engine/graph/node.ts';
import { rmsNorm } from '../../../src/main/engine/graph/fn/index.ts';
import { interpret } from '../../../src/main/engine/graph/interpret.ts';
import * as o from '../../../src/main/engine/graph/ops/index.ts';
import { forDecoding, forInference, optimize } from '../../../src/main/engine/graph/passes/index.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters } from '../../../src/main/engine/models/parameters.ts';
import { Random } from '../../../src/main/engine/nn/random.ts';
import { TINY, tinyModel } from '../tiny-model.ts';

const folder = tinyModel({ ...TINY, hidden_size: 64, intermediate_size: 96, head_dim: 16 });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const source = (() => { const { config, tensors } = openModelFolder(folder); const model = parseModel(config); return { model, weights: checkParameters(model, tensors) }; })();
const PLAIN = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };

test.each([[8, 1 / 254], [4, 1 / 8]] as const)('%s bit: no value is further away than its block allows, zero stays zero', (bits, share) => {
  const random = new Random(3);
  const values = Float32Array.from({ length: 64 * BLOCK }, (_, i) => (i < BLOCK ? 0 : random.normal()));
  const { codes, scales } = quantise(values, bits);
  let squares = 0, all = 0;
  for (let i = 0; i < values.length; i++) {
    const q = bits === 8 ? codes[i]! - 128 : ((codes[i >> 1]! >> (i % 2 === 0 ? 0 : 4)) & 15) - 8;
    const peak = Math.max(...values.subarray(i - (i % BLOCK), i - (i % BLOCK) + BLOCK).map(Math.abs));
    const error = Math.abs(q * scales[Math.floor(i / BLOCK)]! - values[i]!);
    // Smaller scales may cut the largest values of a block a little.
    expect(error).toBeLessThanOrEqual(peak * (bits === 8 ? share * 1.001 : 0.3));
    squares += error ** 2; all += values[i]! ** 2;
  }
  expect(Math.sqrt(squares / all)).toBeLessThan(bits === 8 ? 0.006 : 0.1);
});

describe.each(['int8', 'int4'] as const)('%s', (format) => {
  test('log-probabilities stay near those of fp32, alone and in a batch', async () => {
    const prompts = [[2, 5, 9, 13, 17], [3], [21, 25, 29, 4, 8]];
    const generators = [createGenerator(source, { threads: 1 }), createGenerator(source, { threads: 1, format })];
    const request = { prompts, sampling: { ...PLAIN, temperature: 1, seed: 2 }, maxNewTokens: 1 };
    const [exact, rounded] = [await generators[0]!.generateBatch({ ...request, topLogprobs: 20 }), await generators[1]!.generateBatch({ ...request, topLogprobs: 20 })];
    const single = await generators[1]!.generateBatch({ ...request, prompts: [prompts[0]!] });
    for (const g of generators) await g.dispose();
    expect(exact.map((r) => r.tokens.length)).toEqual([1, 1, 1]);
    rounded.forEach((r, i) => { if (r.tokens[0] === exact[i]!.tokens[0]) expect(Math.abs(r.logprobs[0]! - exact[i]!.logprobs[0]!)).toBeLessThan(format === 'int8' ? 0.05 : 0.6); });
    expect(single[0]!.logprobs[0]).toBeCloseTo(rounded[0]!.logprobs[0]!, 3);
    expect(rounded.map((r) => r.logprobs)).not.toEqual(exact.map((r) => r.logprobs));
  });
});

describe('inference pass', () => {
  test('one norm kernel, fewer reshapes, the same numbers', () => {
    const graph = new Graph({ real: 'float64' });
    const x = graph.input('x', [1, 3, 4, 8]);
    const turned = o.reshape(o.transpose(o.reshape(o.slice(x, 1, 0, 1), [1, 1, 4, 8]), [0, 2, 1, 3]), [4, 8]);
    graph.output('y', rmsNorm(turned, graph.input('w', [8]), 1e-5));
    graph.output('moved', o.transpose(x, [0, 2, 1, 3]));
    const before = optimize(graph);
    const after = forInference(before);
    const feeds = { x: Float64Array.from({ length: 96 }, (_, i) => Math.sin(i * 1.3)), w: Float64Array.from({ length: 8 }, (_, i) => 1 + i / 7) };
    const [a, b] = [interpret(before, feeds), interpret(after, feeds)];
    for (const name of ['y', 'moved']) b[name]!.data.forEach((v, i) => { expect(v).toBeCloseTo(a[name]!.data[i]!, 12); });
    const ops = after.nodes.map((n) => n.op.name);
    expect(ops.filter((n) => n === 'rmsNormFused').length).toBe(1);
    expect(ops.filter((n) => n === 'transpose').length).toBe(1);
    expect(ops.filter((n) => n === 'reshape').length).toBe(1);
  });
  test('the decode program has one kernel for each norm', () => {
    const ops = decodeGraph(source, 1, 64).nodes.map((n) => n.op.name);
    expect(ops.filter((n) => n === 'rmsNormFused').length).toBe(2 * 2 + 1);
    expect(ops.filter((n) => n === 'transpose').length).toBe(0);
  });
});

describe('decoding pass', () => {
  test('a sum and its norm in one kernel, rows without reshapes, the same numbers', () => {
    const graph = new Graph({ real: 'float64' });
    const x = graph.input('x', [3, 1, 8]);
    const row = o.reshape(x, [3, 8]);
    const sum = o.add(row, o.silu(row));
    const normed = rmsNorm(sum, graph.input('w', [8]), 1e-5);
    graph.output('y', o.add(sum, o.mul(normed, o.silu(normed))));
    const before = forInference(optimize(graph));
    const after = forDecoding(before);
    const feeds = { x: Float64Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.3)), w: Float64Array.from({ length: 8 }, (_, i) => 1 + i / 7) };
    const [a, b] = [interpret(before, feeds)['y']!, interpret(after, feeds)['y']!];
    b.data.forEach((v, i) => { expect(v).toBeCloseTo(a.data[i]!, 12); });
    const ops = after.nodes.map((n) => n.op.name);
    expect(ops.toSorted()).toEqual(['add', 'mul', 'reshape', 'silu', 'silu', 'skipNorm']);
  });
  test('a quantised decode program has ten kernels in a layer and one product for queries, keys and values', () => {
    const weights = new QuantisedWeights(source.weights);
    const layers = 2;
    const ops = forDecoding(quantiseGraph(decodeGraph(source, 1, 64, 'packed'), 'int8', weights, source.model.family.headWeight(source.model.config))).nodes.filter((n) => n.segment?.startsWith('layer.')).map((n) => n.op.name);
    weights.dispose();
    const count = (name: string): number => ops.filter((n) => n === name).length;
    expect([count('cachedAttention'), count('matmulBits'), count('matmul'), count('concat'), count('reshape')]).toEqual([layers, 5 * layers, 0, 0, 0]);
    // The last sum takes the norm after the layers with it.
    expect(ops.length).toBe(10 * layers + 1);
  });
});
