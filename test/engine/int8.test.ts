/** int8 compute: products as the ops define them, layers and gradients close to fp32, runs that learn alike and resume bit for bit, and what is refused. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFaster, isProven, type Int8Proof } from '../../src/shared/int8-proof.ts';
import { rewardTrain } from '../../src/shared/methods/reward.ts';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import { mul, quantizeRows, reduceSum } from '../../src/main/engine/graph/ops/index.ts';
import { hadamard } from '../../src/main/engine/graph/ops/quantize-rows.ts';
import { gradients, optimize } from '../../src/main/engine/graph/passes/index.ts';
import { emptyInt8, inMemory, int8Weight, quantise8, rotationOf, squaredColumns, type Int8Matrix } from '../../src/main/engine/nn/int8-weight.ts';
import { int8IsExact, multipliesExactly } from '../../src/main/engine/runtime/int8-check.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { trainRun, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { Int8Threads } from '../../src/main/engine/train/int8-threads.ts';
import { settleCompute } from '../../src/main/engine/train/int8-choice.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { Random } from '../../src/main/engine/nn/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'int8-'));
const model = join(folder, 'model');
const SHAPE = {
  model_type: 'llama', vocab_size: 64, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, tie_word_embeddings: true, initializer_range: 0.1,
};
beforeAll(() => { initModel(SHAPE, model, 1); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const normal = (n: number, seed: number): Float32Array => { const random = new Random(seed); return Float32Array.from({ length: n }, () => random.normal()); };

describe('a layer', () => {
  const [rows, inner, outer] = [24, 96, 64];
  const weight = normal(inner * outer, 1), x = normal(rows * inner, 2);
  // A channel a hundred times as large as the others, as language models have them.
  for (let row = 0; row < rows; row++) x[row * inner + 5] = 100 * x[row * inner + 5]!;

  function build(turned: boolean): Graph {
    const graph = new Graph();
    const tensor = emptyInt8(inner, outer);
    const stored = turned ? Float32Array.from({ length: inner * outer }, (_, i) => weight[(i % outer) * inner + Math.floor(i / outer)]!) : weight;
    quantise8(stored, turned, tensor);
    const input = graph.input('x', [rows, inner]);
    const y = int8Weight(graph, 'layer', inMemory(tensor)).product(input);
    const seed = graph.input('seed', [rows, outer]);
    graph.output('y', y);
    graph.output('dx', gradients(reduceSum(mul(y, seed)), [input])[0]!);
    return optimize(graph);
  }
  const seed = normal(rows * outer, 3);
  const product = Float64Array.from({ length: rows * outer }, (_, at) => { let sum = 0; for (let i = 0; i < inner; i++) sum += x[Math.floor(at / outer) * inner + i]! * weight[(at % outer) * inner + i]!; return sum; });
  const slope = Float64Array.from({ length: rows * inner }, (_, at) => { let sum = 0; for (let j = 0; j < outer; j++) sum += seed[Math.floor(at / inner) * outer + j]! * weight[j * inner + (at % inner)]!; return sum; });
  const distance = (found: ArrayLike<number>, wanted: Float64Array): number => {
    let [d, size] = [0, 0];
    wanted.forEach((w, i) => { d += (found[i]! - w) ** 2; size += w * w; });
    return Math.sqrt(d / size);
  };

  test.each([false, true])('forward and input gradient are close to the float product (stored turned: %s)', async (turned) => {
    const program = await compile(build(turned), { threads: 1 });
    const found = await program.run({ x, seed });
    await program.dispose();
    expect(distance(found['y']!.data as Float32Array, product)).toBeLessThan(0.02);
    expect(distance(found['dx']!.data as Float32Array, slope)).toBeLessThan(0.02);
  });

  test('onnxruntime computes what the interpreter defines', async () => {
    const graph = build(false);
    const program = await compile(graph, { threads: 1 });
    const found = await program.run({ x, seed });
    await program.dispose();
    const wanted = interpret(graph, { x, seed });
    // A value half way between two steps may fall to either side in float32: a step of one element, not more.
    for (const name of ['y', 'dx']) expect(distance(found[name]!.data as Float32Array, wanted[name]!.data)).toBeLessThan(2e-3);
  });

  test('turning pays where a channel stands out', () => {
    const error = (rotate: number): number => {
      const graph = new Graph();
      const [codes, scales] = quantizeRows(graph.input('x', [rows, inner]), rotate);
      graph.output('codes', codes);
      graph.output('scales', scales);
      const found = interpret(graph, { x });
      const turned = Float64Array.from(x);
      hadamard(turned, rotate);
      return distance(Float64Array.from(turned, (_, i) => (found['codes']!.data[i]! - 128) * found['scales']!.data[Math.floor(i / inner)]!), turned);
    };
    expect(rotationOf(inner)).toBe(32);
    expect(rotationOf(7)).toBe(1);
    expect(error(32)).toBeLessThan(0.5 * error(1));
  });

  test('squared lengths of the output rows survive the turn', () => {
    const tensor = emptyInt8(inner, outer);
    quantise8(weight, false, tensor);
    squaredColumns(tensor.forward).forEach((found, j) => {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += weight[j * inner + i]! ** 2;
      expect(found / sum).toBeCloseTo(1, 2);
    });
  });
});

/** Column by column, as it is said. The copy that lies as the weight does rounds its factors to float32. */
function plainly(data: Float32Array, across: boolean, { k, n }: Int8Matrix): { codes: Int8Array; scales: Float32Array } {
  const [codes, scales] = [new Int8Array(k * n), new Float32Array(n)];
  for (let j = 0; j < n; j++) {
    const column = Float32Array.from({ length: k }, (_, i) => data[across ? j * k + i : i * n + j]!);
    hadamard(column, rotationOf(k));
    const most = column.reduce((m, v) => Math.max(m, Math.abs(v)), 0), factor = most > 0 ? 127 / most : 0;
    column.forEach((v, i) => { codes[i * n + j] = Math.round(v * (across ? factor : Math.fround(factor))); });
    scales[j] = most / 127;
  }
  return { codes, scales };
}

describe('rounding of weights', () => {
  test.each([[96, 64], [64, 200], [7, 130], [16, 1], [8, 65]] as const)('tiles give the codes of the plain loop, %i by %i', (outer, inner) => {
    const data = normal(outer * inner, outer);
    data.fill(0, 0, inner);
    for (const turned of [false, true]) {
      const tensor = emptyInt8(inner, outer);
      quantise8(data, turned, tensor);
      for (const side of ['forward', 'backward'] as const) expect({ codes: tensor[side].codes, scales: tensor[side].scales }).toEqual(plainly(data, (side === 'forward') !== turned, tensor[side]));
    }
  });
  test('several threads give the codes of one', () => {
    const [outer, inner] = [130, 96], data = normal(outer * inner, 4), one = emptyInt8(inner, outer);
    quantise8(data, false, one);
    const team = new Int8Threads(3, data.length, 1e9);
    const many = team.round(data, false, one.forward, one.backward);
    for (const side of ['forward', 'backward'] as const) expect({ codes: Int8Array.from(many[side].codes), scales: Float32Array.from(many[side].scales) }).toEqual({ codes: one[side].codes, scales: one[side].scales });
    team.dispose();
  });
});

describe('this processor', () => {
  test('multiplies exactly', async () => { expect(await int8IsExact()).toBe(true); });
  test('one that saturates pairs of products in 16 bit is found out', async () => {
    const saturating = (codes: Uint8Array, weight: Int8Array): Promise<number[]> => {
      const [rows, inner, columns] = [19, 70, 37];
      const clamp = (v: number): number => Math.max(-32768, Math.min(32767, v));
      const out: number[] = [];
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
        let [sum, shift] = [0, 0];
        for (let i = 0; i < inner; i += 2) {
          const [a, b] = [weight[i * columns + column]!, weight[(i + 1) * columns + column]!];
          sum += clamp(codes[row * inner + i]! * a + codes[row * inner + i + 1]! * b);
          shift += 128 * (a + b);
        }
        out.push(sum - shift);
      }
      return Promise.resolve(out);
    };
    expect(await multipliesExactly(saturating)).toBe(false);
  });
});

describe('a run', () => {
  const rows = Array.from({ length: 12 }, (_, source) => { const random = new Random(9, source); const ids = Int32Array.from({ length: 20 + random.below(12) }, (_x, i) => (i % 3 === 0 ? 5 : random.below(64))); return { ids, mask: new Uint8Array(ids.length).fill(1), truncated: false, source }; });
  const options = (name: string, compute: 'fp32' | 'int8' | 'auto', more: Partial<TrainOptions> = {}, steps = 12): TrainOptions => ({
    method: 'sft', config: sftTrain.parse({ max_steps: steps, per_device_train_batch_size: 4, max_length: 32, learning_rate: 1e-2, eval_steps: 0, save_steps: 6, compute }), adapter: loraAdapter.parse({ r: 4 }),
    modelFolder: model, start: null, rows, evalRows: [], runFolder: join(folder, name), resume: null, threads: 1, recipeHash: 'int8', ...more,
  });
  async function losses(given: TrainOptions): Promise<number[]> {
    const found: number[] = [];
    await trainRun(given, (event) => { if (event.type === 'metric' && event.values['loss'] !== undefined) found.push(event.values['loss']); });
    return found;
  }
  const weights = (name: string): string => createHash('sha256').update(readFileSync(join(folder, name, 'checkpoint-12/adapter_model.safetensors'))).digest('hex');

  test('learns as in fp32, and not bit for bit the same', async () => {
    const [float, whole] = [await losses(options('float', 'fp32')), await losses(options('int8', 'int8'))];
    expect(whole).toHaveLength(12);
    expect(float.at(-1)!).toBeLessThan(0.9 * float[0]!);
    float.forEach((loss, i) => { expect(Math.abs(whole[i]! / loss - 1)).toBeLessThan(0.02); });
    expect(whole).not.toEqual(float);
  });

  test('resumes bit for bit', async () => {
    await losses(options('whole', 'int8'));
    await losses(options('half', 'int8'));
    rmSync(join(folder, 'half/checkpoint-12'), { recursive: true });
    await losses(options('half', 'int8', { resume: join(folder, 'half/checkpoint-6') }));
    expect(weights('half')).toBe(weights('whole'));
  });

  test.each([false, true])('is the same bit for bit from a file, which is kept (DoRA: %s), and made again when it is damaged', async (dora) => {
    const cache = join(folder, `cache-${dora}`), kept = { int8Cache: join(cache, 'int8'), graphCache: join(cache, 'graphs'), adapter: loraAdapter.parse({ r: 4, use_dora: dora }) };
    await losses(options('memory', 'int8', { adapter: kept.adapter }));
    await losses(options('file', 'int8', kept));
    const [name, ...others] = readdirSync(kept.int8Cache);
    const path = join(kept.int8Cache, name!), first = statSync(path), bytes = readFileSync(path);
    expect(others).toEqual([]);
    expect(readdirSync(kept.graphCache).length).toBeGreaterThan(0);
    await losses(options('again', 'int8', kept));
    expect(statSync(path).ino).toBe(first.ino);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 5000), Buffer.from([bytes[5000]! ^ 1]), bytes.subarray(5001)]));
    await losses(options('damaged', 'int8', kept));
    expect(readFileSync(path).equals(bytes)).toBe(true);
    truncateSync(path, 5000);
    await losses(options('cut', 'int8', kept));
    for (const run of ['file', 'again', 'damaged', 'cut']) expect(weights(run)).toBe(weights('memory'));
  });

  test('a run whose file is cleared away makes it again for its next session, bit for bit', async () => {
    const int8Cache = join(folder, 'cache-cleared'), held = { evalRows: rows.slice(0, 4) };
    const evaluated = async (given: TrainOptions, cleared: boolean): Promise<number[]> => {
      const found: number[] = [];
      await trainRun(given, (event) => {
        if (event.type === 'start' && cleared) rmSync(int8Cache, { recursive: true });
        if (event.type === 'metric' && event.values['eval_loss'] !== undefined) found.push(event.values['eval_loss']);
      });
      return found;
    };
    const kept = await evaluated(options('kept', 'int8', held), false), cleared = await evaluated(options('cleared', 'int8', { ...held, int8Cache }), true);
    expect(kept).not.toEqual([]);
    expect(cleared).toEqual(kept);
    expect(readdirSync(int8Cache)).toHaveLength(1);
  });

  test('other weights in the same place get a file of their own', async () => {
    const other = join(folder, 'other'), int8Cache = join(folder, 'cache-other');
    for (const seed of [2, 3]) {
      rmSync(other, { recursive: true, force: true });
      initModel(SHAPE, other, seed);
      await losses({ ...options(`other-${seed}`, 'int8', { int8Cache }, 2), modelFolder: other });
    }
    expect(readdirSync(int8Cache)).toHaveLength(2);
  });

  test('works with DoRA, dropout and recomputation', async () => {
    const base = options('dora', 'int8', {}, 3);
    const found = await losses({ ...base, adapter: loraAdapter.parse({ r: 4, use_dora: true, lora_dropout: 0.1 }), config: { ...base.config, gradient_checkpointing: true } });
    const float = await losses({ ...base, runFolder: join(folder, 'dora-float'), adapter: loraAdapter.parse({ r: 4, use_dora: true, lora_dropout: 0.1 }), config: { ...base.config, compute: 'fp32' } });
    found.forEach((loss, i) => { expect(Math.abs(loss / float[i]! - 1)).toBeLessThan(0.02); });
  });

  test('a reward model learns as in fp32', async () => {
    const pairs = rows.map(({ ids, source }) => ({ source, truncated: false, columns: { margin: 0 }, completions: [{ ids: ids.slice(0, 16), prompt: 6 }, { ids: Int32Array.from([...ids.slice(0, 6), ...ids.slice(8, 18)]), prompt: 6 }] }));
    const ran = (name: string, compute: 'fp32' | 'int8'): Promise<number[]> => losses(options(name, compute, { method: 'reward', rows: pairs, config: { ...rewardTrain.parse({ max_steps: 8, per_device_train_batch_size: 4, max_length: 32, learning_rate: 1e-2, eval_steps: 0, save_steps: 0 }), compute } }));
    const [float, whole] = [await ran('reward-float', 'fp32'), await ran('reward-int8', 'int8')];
    expect(whole).toHaveLength(8);
    expect(float.at(-1)!).toBeLessThan(float[0]!);
    float.forEach((loss, i) => { expect(Math.abs(whole[i]! - loss)).toBeLessThan(0.05); });
    expect(whole).not.toEqual(float);
  });

  test('is refused where nothing is frozen, where the layers are in 4 bit, and off the processor', async () => {
    await expect(losses(options('full', 'int8', { adapter: null }))).rejects.toMatchObject({ code: 'recipe-value', message: expect.stringContaining('adapter: none') as string });
    await expect(losses(options('four', 'int8', { adapter: loraAdapter.parse({ r: 4, load_in_4bit: true }) }))).rejects.toMatchObject({ code: 'recipe-value', message: expect.stringContaining('4bit') as string });
    await expect(losses(options('gpu', 'int8', { device: 'webgpu' }))).rejects.toMatchObject({ code: 'recipe-value', message: expect.stringContaining('webgpu') as string });
  });

  test('auto says why it stays in fp32, for what was not measured', async () => {
    const given = options('auto', 'auto', {}, 2);
    const { options: settled, note } = await settleCompute(given, loadModel(given));
    expect(settled.config.compute).toBe('fp32');
    expect(note).toContain('not measured');
  });
});

test('auto takes int8 at the size and for the methods where it was proven, and says so', async () => {
  // Only its size is asked for: the weights of the small model do.
  const big = parseModel({ ...SHAPE, vocab_size: 49_152, hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 30, num_attention_heads: 9, num_key_value_heads: 3 });
  const settled = async (method: 'sft' | 'dpo' | 'reward', adapter: object | null, more: Partial<TrainOptions> = {}): Promise<string> => {
    const given: TrainOptions = { method, config: sftTrain.parse({}), adapter: adapter === null ? null : loraAdapter.parse(adapter), modelFolder: model, start: null, rows: [], evalRows: [], runFolder: folder, resume: null, threads: 1, recipeHash: '', ...more };
    const { options, note } = await settleCompute(given, { ...loadModel(given), model: big });
    return `${options.config.compute}: ${note}`;
  };
  expect(await settled('sft', {})).toMatch(/^int8: .*compute: fp32 switches it off/);
  expect(await settled('dpo', {})).toMatch(/^int8: /);
  expect(await settled('reward', {})).toMatch(/^fp32: .*not measured to learn alike/);
  expect(await settled('sft', { use_dora: true })).toMatch(/^fp32: .*plain LoRA only/);
  expect(await settled('sft', { load_in_4bit: true })).toBe('fp32: null');
  expect(await settled('sft', null)).toBe('fp32: null');
  expect(await settled('sft', {}, { device: 'webgpu' })).toBe('fp32: null');
  expect(await settled('sft', {}, { config: sftTrain.parse({ compute: 'fp32' }) })).toBe('fp32: null');
});

describe('what counts as proven', () => {
  const proof = (more: Partial<Int8Proof>): Int8Proof => ({ model: 'm', parameters: 100, method: 'sft', steps: 40, seeds: 3, excess: 0.005, date: '2026-11-23', ...more });
  test('needs method, size, seeds and the limit, for every model of that size', () => {
    expect(isProven('sft', 150, [proof({})])).toBe(true);
    expect(isProven('dpo', 150, [proof({})])).toBe(false);
    expect(isProven('sft', 201, [proof({})])).toBe(false);
    expect(isProven('sft', 100, [proof({ seeds: 2 })])).toBe(false);
    expect(isProven('sft', 100, [proof({}), proof({ model: 'n', excess: 0.02 })])).toBe(false);
  });
  test('and as faster: measured, and nowhere slower than asked', () => {
    expect(isFaster('sft', 150, [proof({})])).toBe(false);
    expect(isFaster('sft', 150, [proof({ speedup: 1.2 }), proof({ model: 'n' })])).toBe(true);
    expect(isFaster('dpo', 150, [proof({ speedup: 1.2 })])).toBe(false);
    expect(isFaster('sft', 150, [proof({ speedup: 1.2 }), proof({ model: 'n', speedup: 1.05 })])).toBe(false);
  });
  test('the record holds for the embedded model and at 135M, and is not fast enough at the former', () => {
    for (const method of ['sft', 'dpo']) {
      for (const parameters of [4_229_888, 134_515_008]) expect(isProven(method, parameters)).toBe(true);
      expect([isFaster(method, 4_229_888), isFaster(method, 134_515_008)]).toEqual([false, true]);
    }
  });
});
