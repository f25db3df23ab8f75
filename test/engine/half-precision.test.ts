/** float16 where it is safe: the pass changes no value but by rounding, keeps the delicate parts in float32, and a run in float16 learns as one in float32 does. The loss scale finds its size and survives a resume. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import type { Graph } from '../../src/main/engine/graph/node.ts';
import { halfPrecision } from '../../src/main/engine/graph/passes/half-precision.ts';
import { optimize } from '../../src/main/engine/graph/passes/index.ts';
import { engineMethod } from '../../src/main/engine/methods/index.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { trainRun, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { LossScale } from '../../src/main/engine/train/loss-scale.ts';
import { prepareRun } from '../../src/main/engine/train/setup.ts';
import { buildStep } from '../../src/main/engine/train/step-graph.ts';
import { trainStep } from '../../src/main/engine/train/train-step.ts';
import { asTree, feedsOf, loadTiny } from './step-evaluate.ts';
import { tinyModel, tinyRows } from './tiny-model.ts';

const folder = tinyModel();
const folders = [folder];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });
const fresh = (): string => { const f = mkdtempSync(join(tmpdir(), 'half-')); folders.push(f); return f; };

const SCALE = 1024;
const shape = { rows: 2, length: 16, losses: 32 };
const { loaded, values } = loadTiny(folder, true);
const full = (scaled: boolean): Graph => optimize(buildStep({ model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method: engineMethod('sft'), config: sftTrain.parse({}), shape, kind: 'train', scaled }));
const feeds = { ...feedsOf(tinyRows(2).map(asTree), shape, 0.125), ...Object.fromEntries(loaded.trainables.groups.map((g) => [`trainable:${g.name}`, Float32Array.from(values.subarray(g.offset, g.offset + g.length))])) };
const scaledFeeds = { ...feeds, loss_scale: Float32Array.of(SCALE) };
const gradientNames = loaded.trainables.groups.map((g) => `gradient:${g.name}`);

describe('the pass', () => {
  const half = halfPrecision(full(true));

  it('without rounding (in the interpreter) computes the same loss, and gradients times the scale', () => {
    const plain = interpret(full(false), feeds), got = interpret(half, scaledFeeds);
    expect(got['loss']!.data[0]).toBeCloseTo(plain['loss']!.data[0]!, 12);
    for (const name of gradientNames) got[name]!.data.forEach((x, i) => { expect(Math.abs(x / SCALE - plain[name]!.data[i]!)).toBeLessThan(1e-12); });
  });

  it('puts products into float16 and keeps norms, softmax, logarithms, sums, inputs and outputs in float32', () => {
    const products = half.nodes.filter((n) => n.op.name === 'matmul' || n.op.name === 'gemm');
    expect(products.length).toBeGreaterThan(30);
    for (const n of products) expect(n.outputs[0]!.dtype).toBe('float16');
    for (const n of half.nodes) if (['softmax', 'reduceSum', 'reduceMean', 'reduceMax', 'exp', 'log', 'sqrt', 'reciprocal', 'div', 'rope', 'scatterAdd'].includes(n.op.name)) for (const v of n.inputs) expect(v.dtype, n.op.name).not.toBe('float16');
    for (const v of [...half.inputs, ...half.outputs.values()]) expect(v.dtype).not.toBe('float16');
  });

  it('rounded by onnxruntime stays near float32: loss to 1e-3, gradient cosine above 0.9999', async () => {
    const run = async (g: Graph, fed: typeof feeds): Promise<{ loss: number; grads: number[] }> => {
      const program = await compile(g, { threads: 1 });
      const out = await program.run(fed);
      await program.dispose();
      return { loss: Number(out['loss']!.data[0]), grads: gradientNames.flatMap((name) => Array.from(out[name]!.data as Float32Array)) };
    };
    const plain = await run(full(false), feeds), got = await run(half, scaledFeeds);
    expect(got.loss).not.toBe(plain.loss);
    expect(Math.abs(got.loss / plain.loss - 1)).toBeLessThan(1e-3);
    const dot = (a: number[], b: number[]): number => a.reduce((s, x, i) => s + x * b[i]!, 0);
    expect(dot(got.grads, plain.grads) / Math.sqrt(dot(got.grads, got.grads) * dot(plain.grads, plain.grads))).toBeGreaterThan(0.9999);
    expect(Math.sqrt(dot(got.grads, got.grads) / dot(plain.grads, plain.grads)) / SCALE).toBeCloseTo(1, 2);
  });
});

function options(more: Partial<TrainOptions> & { steps?: number } = {}): TrainOptions {
  const { steps = 30, ...rest } = more;
  return { method: 'sft', config: sftTrain.parse({ learning_rate: 1e-2, max_steps: steps, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 }), adapter: loraAdapter.parse({ r: 4 }), modelFolder: folder, start: null, rows: tinyRows(8), evalRows: [], runFolder: fresh(), resume: null, threads: 1, recipeHash: 'r', ...rest };
}
async function curve(o: TrainOptions): Promise<{ losses: number[]; checkpoint: string }> {
  const losses: number[] = [];
  const { checkpoint } = await trainRun(o, (e) => { if (e.type === 'metric' && e.values['loss'] !== undefined) losses.push(e.values['loss']); });
  return { losses, checkpoint: checkpoint! };
}

describe('a run in float16', () => {
  it.each([['LoRA', loraAdapter.parse({ r: 4 })], ['full', null]] as const)('%s: follows the loss curve of float32 within 1 %', async (_name, adapter) => {
    const { losses: half } = await curve(options({ half: true, adapter })), { losses: plain } = await curve(options({ adapter }));
    expect(plain.at(-1)!).toBeLessThan(plain[0]! * 0.9);
    half.forEach((loss, i) => { expect(Math.abs(loss / plain[i]! - 1), `step ${i + 1}`).toBeLessThan(0.01); });
  });

  it('a scale that overflows is halved until the same step can be taken', async () => {
    const step = async (start: number): Promise<{ norm: number; scale: number; step: number }> => {
      const o = options({ half: true }), setup = prepareRun(o, loadModel(o));
      setup.state.lossScale!.restore({ scale: start, good: 5 });
      const result = await trainStep(setup);
      await setup.pool.dispose();
      return { norm: result.gradNorm, scale: setup.state.lossScale!.value, step: setup.state.step };
    };
    const plain = await step(256), large = await step(2 ** 24);
    expect(plain).toMatchObject({ scale: 256, step: 1 });
    expect(large.step).toBe(1);
    expect(large.scale).toBeLessThan(2 ** 24);
    expect(Math.abs(large.norm / plain.norm - 1)).toBeLessThan(0.01);
  });

  it('the scale is kept with a checkpoint', async () => {
    const o = options({ half: true, steps: 2 });
    const { checkpoint } = await curve(o);
    expect(JSON.parse(readFileSync(join(checkpoint, 'trainer_state.json'), 'utf8'))).toMatchObject({ loss_scale: { good: 2 } });
    const again = { ...o, resume: checkpoint };
    const setup = prepareRun(again, loadModel(again));
    expect(setup.state.lossScale!.state).toMatchObject({ good: 2 });
    await setup.pool.dispose();
  });
});

describe('the loss scale', () => {
  it('doubles after so many good steps, halves at an overflow, and ends at one', () => {
    const scale = new LossScale({ scale: 4, good: 0 }, 3);
    scale.succeeded(); scale.succeeded();
    expect(scale.state).toEqual({ scale: 4, good: 2 });
    scale.succeeded();
    expect(scale.state).toEqual({ scale: 8, good: 0 });
    scale.succeeded();
    expect(scale.overflowed()).toBe(true);
    expect(scale.state).toEqual({ scale: 4, good: 0 });
    expect([scale.overflowed(), scale.overflowed(), scale.overflowed()]).toEqual([true, true, false]);
    expect(scale.value).toBe(1);
  });
});
