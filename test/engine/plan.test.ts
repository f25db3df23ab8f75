/** The planner: what it gives up for a budget, that split batches learn the same, what it refuses and offers, and that the longest batch runs first. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS } from '../../src/shared/methods/index.ts';
import { sftTrain, type SftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { trainRun, type TrainEvent, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { automaticLevel } from '../../src/main/engine/train/plan/automatic-level.ts';
import { remediesFor } from '../../src/main/engine/train/plan/remedies.ts';
import { prepareRun, warmUp, type RunPlan, type RunSetup } from '../../src/main/engine/train/setup.ts';
import type { HostOptimiser } from '../../src/main/engine/train/optimiser/index.ts';
import { trainStep } from '../../src/main/engine/train/train-step.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { TINY, tinyModel, tinyRows } from './tiny-model.ts';

const tiny = tinyModel();
const small = tinyModel({ ...TINY, vocab_size: 2000, hidden_size: 64, intermediate_size: 256, num_hidden_layers: 3, max_position_embeddings: 512 });
const folders = [tiny, small];
const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  folders.push(folder);
  return folder;
};
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

/** Full rows, so that nothing is joined and memory is in the activations. */
const fullRows = (count: number, length: number, vocabulary: number): TrainOptions['rows'] => {
  const random = new Random(3);
  return Array.from({ length: count }, (_, source) => ({ ids: Int32Array.from({ length }, () => random.below(vocabulary)), mask: new Uint8Array(length).fill(1), truncated: false, source }));
};
function optionsFor(train: Partial<SftTrain>, more: Partial<TrainOptions> = {}): TrainOptions {
  const config = sftTrain.parse({ learning_rate: 1e-3, max_steps: 2, per_device_train_batch_size: 8, max_length: 256, eval_steps: 0, save_steps: 0, ...train });
  return { method: 'sft', config, adapter: loraAdapter.parse({ r: 4 }), modelFolder: small, start: null, rows: fullRows(16, 256, 2000), evalRows: [], runFolder: fresh(), resume: null, threads: 1, recipeHash: 'r', ...more };
}
const planned = (options: TrainOptions): RunPlan => prepareRun(options, loadModel(options), { values: false }).plan;
const roomy = planned(optionsFor({}, { freeMemory: 64e9 }));

describe('choices for a budget', () => {
  it('keeps what is fastest where it fits, and says so', () => {
    expect(roomy.fits).toBe(true);
    expect(roomy.layout.choice).toMatchObject({ prepack: true, rows: null, recompute: 'auto', buckets: null, attention_chunk: 256 });
    expect(roomy.reasons.join(' ')).toMatch(/^Packed copies .* are kept.*Everything fits.*share that memory\.$/);
  });

  it('packs large frozen weights only for runs that win the time back, or when asked', () => {
    const large = tinyModel({ ...TINY, vocab_size: 36_000, hidden_size: 256 });
    folders.push(large);
    const options = optionsFor({ per_device_train_batch_size: 1 }, { modelFolder: large, rows: fullRows(2, 32, 2000), freeMemory: 64e9 });
    const plan = planned(options);
    expect(plan.layout.choice.prepack).toBe(false);
    expect(plan.layout.memory.prepacked).toBe(0);
    expect(plan.reasons.join(' ')).toMatch(/^Everything fits/);
    expect(planned({ ...options, prepack: true }).layout.choice.prepack).toBe(true);
    expect(planned({ ...options, config: { ...options.config, max_steps: 1000 } }).layout.choice.prepack).toBe(true);
  });

  it('computes attention probabilities again where they are large, cheap activations where those are', () => {
    const shape = { layers: 30, heads: 9, intermediateSize: 1536 };
    const level = (rows: number, length: number): string => automaticLevel(shape, { rows, length }, 256);
    expect([level(1, 128), level(1, 512), level(1, 1024), level(4, 512), level(8, 128)]).toEqual(['none', 'cheap', 'attention', 'attention', 'cheap']);
  });

  it('gives up more the less there is, and each plan fits its budget', () => {
    const whole = roomy.layout.memory.total;
    let before = Infinity;
    for (const share of [0.98, 0.9, 0.8, 0.72]) {
      const plan = planned(optionsFor({}, { freeMemory: 64e9, memoryLimit: whole * share }));
      expect(plan.fits, String(share)).toBe(true);
      expect(plan.budget).toBe(whole * share);
      expect(plan.layout.memory.total).toBeLessThanOrEqual(plan.budget);
      expect(plan.layout.memory.total).toBeLessThanOrEqual(before);
      expect(plan.reasons.length).toBeGreaterThan(0);
      expect(plan.reasons.join(' ')).not.toMatch(/Everything fits/);
      before = plan.layout.memory.total;
    }
  });

  it('splits no batch of a method that looks at all of it, and no setting that the caller decided', () => {
    const kto = METHODS.kto.train.parse({ per_device_train_batch_size: 8, max_steps: 2 }) as TrainOptions['config'];
    const rows = Array.from({ length: 8 }, (_, source) => ({ source, truncated: false, columns: { label: source % 2 }, completions: [{ ids: [5, 6, 7, 8], prompt: 2 }, { ids: [5, 6, 9, 9], prompt: 2 }] }));
    const plan = planned(optionsFor({}, { method: 'kto', config: kto, rows, freeMemory: 64e9, memoryLimit: 1e6 }));
    expect(plan.fits).toBe(false);
    expect(plan.layout.choice).toMatchObject({ rows: null });
    expect(planned(optionsFor({}, { prepack: true, freeMemory: 64e9, memoryLimit: roomy.layout.memory.total * 0.5 })).layout.choice.prepack).toBe(true);
  });

  it('a resumed run is computed as it was begun', async () => {
    const runFolder = fresh(), options = optionsFor({ max_steps: 2, save_steps: 1 }, { runFolder, freeMemory: 64e9, memoryLimit: roomy.layout.memory.total * 0.75 });
    const begun = planned(options).layout.choice;
    await trainRun(options, () => undefined);
    const resumed = planned({ ...options, memoryLimit: 64e9, resume: join(runFolder, 'checkpoint-1') }).layout.choice;
    expect(begun).not.toEqual(roomy.layout.choice);
    expect(resumed).toEqual(begun);
  });
});

describe('a split batch', () => {
  const step = async (options: TrainOptions): Promise<{ loss: number; norm: number; grads: Float32Array; measures: unknown; setup: RunSetup }> => {
    const setup = prepareRun(options, loadModel(options));
    try {
      const result = await trainStep(setup);
      return { loss: result.loss, norm: result.gradNorm, grads: (setup.optimiser as HostOptimiser).grads, measures: result.microBatches, setup };
    } finally { await setup.pool.dispose(); }
  };
  const pairs = (count: number): TrainOptions['rows'] => {
    const random = new Random(8), ids = (n: number): number[] => Array.from({ length: n }, () => random.below(2000));
    return Array.from({ length: count }, (_, source) => { const prompt = ids(20 + source); return { source, truncated: false, columns: {}, completions: [0, 1].map((i) => ({ ids: [...prompt, ...ids(100 + 9 * i)], prompt: prompt.length })) }; });
  };
  const dpo = METHODS.dpo.train.parse({ per_device_train_batch_size: 8, gradient_accumulation_steps: 2, max_steps: 1, max_length: 256 }) as TrainOptions['config'];
  it.each([
    ['tokens', {}], ['all weights', { adapter: null }],
    ['pairs', { method: 'dpo', config: dpo, rows: pairs(16) }],
  ] as const)('%s: loss, gradient and metrics are those of the whole batch', async (_name, more) => {
    const options = optionsFor({ gradient_accumulation_steps: 2, max_steps: 1 }, { ...(more as Partial<TrainOptions>), freeMemory: 64e9 });
    const whole = await step(options);
    const parts = await step({ ...options, memoryLimit: whole.setup.plan.layout.memory.total * 0.72 });
    expect(parts.setup.plan.layout.choice.rows, 'was split').toBeLessThan(8);
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
    expect(Math.abs(parts.norm / whole.norm - 1)).toBeLessThan(1e-4);
    const most = whole.grads.reduce((n, g) => Math.max(n, Math.abs(g)), 0);
    expect(whole.grads.reduce((n, g, i) => Math.max(n, Math.abs(g - parts.grads[i]!)), 0) / most).toBeLessThan(1e-4);
    expect(JSON.parse(JSON.stringify(parts.measures), rounded)).toEqual(JSON.parse(JSON.stringify(whole.measures), rounded));
  });
});
const rounded = (_key: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);

describe('what cannot fit', () => {
  const options = optionsFor({}, { freeMemory: 64e9, memoryLimit: 150e6 });

  it('is refused before anything is loaded, with remedies that were planned', async () => {
    const events: TrainEvent[] = [];
    const error: unknown = await trainRun(options, (e) => { events.push(e); }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'memory-exceeded' });
    expect((error as Error).message).toMatch(/needs about [\d.]+ MB .* may use 150 MB\. What helps: .*\(about [\d.]+ MB/);
    expect(events.some((e) => e.type === 'start')).toBe(false);
  });

  it('offers at most three, each with the peak that it plans, those that fit first', () => {
    const limit = { ...options, memoryLimit: planned(options).layout.memory.total * 0.97 };
    const remedies = remediesFor(limit, planned(limit));
    expect(remedies.length).toBeGreaterThan(0);
    expect(remedies.length).toBeLessThanOrEqual(3);
    expect(remedies.map((r) => r.fits)).toEqual(remedies.map((r) => r.fits).toSorted((a, b) => Number(b) - Number(a)));
    const shorter = remedies.find((r) => r.text.startsWith('max_length'));
    const length = Number(shorter?.text.split(' ')[1]);
    expect(shorter?.total).toBe(planned({ ...limit, config: { ...limit.config, max_length: length } }).layout.memory.total);
  });
});

describe('the first run of a step', () => {
  it('is the longest one, on padding, and changes nothing', async () => {
    const options = optionsFor({ per_device_train_batch_size: 2, max_length: 64 }, { modelFolder: tiny, adapter: null, rows: tinyRows(12), freeMemory: 64e9 });
    const setup = prepareRun(options, loadModel(options));
    const asked: number[] = [], get = setup.pool.get.bind(setup.pool);
    setup.pool.get = async (kind, shape) => { asked.push(shape.length); return get(kind, shape); };
    const before = { values: setup.state.adam.values.slice(), m: setup.state.adam.m.slice(), step: setup.state.step };
    await warmUp(setup);
    expect(asked).toEqual([Math.max(...setup.buckets.map((b) => b.length))]);
    expect({ values: setup.state.adam.values, m: setup.state.adam.m, step: setup.state.step }).toEqual(before);
    await setup.pool.dispose();
  });
});

it('records how the run is computed in its checkpoints', async () => {
  const runFolder = fresh(), options = optionsFor({ max_steps: 1, max_length: 64 }, { runFolder, modelFolder: tiny, rows: tinyRows(8), freeMemory: 64e9 });
  await trainRun(options, () => undefined);
  const state = JSON.parse(readFileSync(join(runFolder, 'checkpoint-1', 'trainer_state.json'), 'utf8')) as { execution: { layout: object } };
  expect(state.execution.layout).toEqual({ recompute: 'auto', rows: null, eval_rows: null, buckets: null, attention_chunk: 256, head_chunk: 256 });
});
