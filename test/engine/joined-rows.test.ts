/** Rows joined in long rows are the same training as padded rows: loss, gradient and metrics of one step, for every method whose loss allows it; and the joining itself. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { ExampleRow, TrainRow } from '../../src/main/engine/methods/example-row.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { chooseBuckets } from '../../src/main/engine/train/buckets.ts';
import { joinRows, planJoined } from '../../src/main/engine/train/joined-rows.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { microShapes } from '../../src/main/engine/train/micro-runs.ts';
import { prepareRun, type RunSetup } from '../../src/main/engine/train/setup.ts';
import type { HostOptimiser } from '../../src/main/engine/train/optimiser/index.ts';
import { trainStep, type StepResult } from '../../src/main/engine/train/train-step.ts';
import { tinyModel } from './tiny-model.ts';

const model = tinyModel();
const folder = mkdtempSync(`${tmpdir()}/joined-`);
afterAll(() => { for (const f of [model, folder]) rmSync(f, { recursive: true, force: true }); });

const random = new Random(11);
const some = (n: number): number[] => Array.from({ length: n }, () => 2 + random.below(38));
/** One long row among short ones, so that padding is dear. */
const lengths = [60, 4, 9, 5, 17, 3, 8, 6];
const TEXTS: TrainRow[] = lengths.map((n, source) => ({ ids: Int32Array.from(some(n)), mask: Uint8Array.from({ length: n }, (_, i) => (i < 2 ? 0 : 1)), truncated: false, source }));
const PAIRS: ExampleRow[] = lengths.map((n, source) => {
  const prompt = some(Math.ceil(n / 3));
  const answer = (k: number): ExampleRow['completions'][number] => ({ ids: [...prompt, ...some(k), 1], prompt: prompt.length });
  return { completions: [answer(1 + random.below(n / 4 + 1)), answer(1 + random.below(n / 4 + 1))], columns: { margin: 0.1 * source }, truncated: false, source };
});

interface Case { name: string; method: MethodId; train?: Record<string, unknown>; lora?: boolean }
function setupOf({ method, train = {}, lora = true }: Case): RunSetup {
  const config = METHODS[method].train.parse({ learning_rate: 1e-3, max_steps: 2, per_device_train_batch_size: 4, gradient_accumulation_steps: 2, shuffle: false, max_length: 64, ...train });
  // Answers of the tree differ from the start: the adapter's second factor is not zero.
  const options = { method, config, adapter: lora ? loraAdapter.parse({ r: 2, init_lora_weights: false }) : null, modelFolder: model, start: null, rows: method === 'sft' ? TEXTS : PAIRS, evalRows: [], runFolder: folder, resume: null, threads: 1, recipeHash: 'joined' };
  return prepareRun(options, loadModel(options));
}
/** The same run with a padded row for each example. */
function asPadded(setup: RunSetup): RunSetup {
  const batchRows = setup.options.config.per_device_train_batch_size;
  return { ...setup, joined: null, batchRows, buckets: chooseBuckets(setup.data.sizes, setup.order.window(0).batches, batchRows, 2) };
}
async function step(setup: RunSetup): Promise<{ result: StepResult; grads: Float32Array }> {
  const result = await trainStep(setup);
  const { grads } = setup.optimiser as HostOptimiser;
  await setup.pool.dispose();
  await setup.reference?.release();
  return { result, grads };
}

const CASES: Case[] = [
  { name: 'sft, adapter', method: 'sft' }, { name: 'sft, all weights', method: 'sft', lora: false }, { name: 'sft, dft', method: 'sft', train: { loss_type: 'dft' } },
  { name: 'dpo', method: 'dpo' }, { name: 'dpo, ipo and nca', method: 'dpo', train: { loss_type: ['ipo', 'nca_pair'] } }, { name: 'reward', method: 'reward', train: { center_rewards_coefficient: 0.01 } },
  { name: 'simpo', method: 'cpo', train: { loss_type: 'simpo', cpo_alpha: 0 } },
];

describe('a step of joined rows', () => {
  it.each(CASES)('$name: loss, gradient and metrics of padded rows', async (c) => {
    const [chosen, padded] = [setupOf(c), asPadded(setupOf(c))];
    expect(chosen.joined).not.toBeNull();
    // Rows so short that a micro-batch needs two of them.
    const bucket = { length: Math.max(...chosen.data.sizes.map((size) => size.tokens)), losses: 64, examples: c.method === 'sft' ? 0 : 4 };
    const joined: RunSetup = { ...chosen, joined: { bucket, runs: 1.5 }, buckets: [bucket] };
    expect(joined.order.window(0).batches.map((rows) => microShapes(joined, rows).runs)).toContain(2);
    const [a, b] = [await step(joined), await step(padded)];
    expect(a.result.loss).toBeCloseTo(b.result.loss, 5);
    expect(a.result.tokens).toBe(b.result.tokens);
    expect(a.result.counted).toBe(b.result.counted);
    const size = Math.max(...b.grads.map(Math.abs));
    expect(size).toBeGreaterThan(1e-4);
    expect(Math.max(...a.grads.map((g, i) => Math.abs(g - b.grads[i]!)))).toBeLessThan(2e-5 * size + 1e-8);
    expect(a.result.microBatches.length).toBe(2);
    a.result.microBatches.forEach((micro, i) => {
      const other = b.result.microBatches[i]!;
      expect(Object.keys(micro)).toEqual(Object.keys(other));
      for (const [name, { sum, count }] of Object.entries(micro)) {
        expect(count, name).toBeCloseTo(other[name]!.count, 5);
        expect(Math.abs(sum - other[name]!.sum), name).toBeLessThan(1e-4 * Math.max(1, Math.abs(other[name]!.sum)));
      }
    });
  });

  it('losses that look at a batch as a whole keep padded rows', () => {
    for (const c of [{ name: '', method: 'dpo', train: { loss_type: ['aot'] } }, { name: '', method: 'dpo', train: { loss_type: ['sigmoid', 'sft'] } }, { name: '', method: 'cpo', train: { cpo_alpha: 1 } }, { name: '', method: 'orpo' }] satisfies Case[]) expect(setupOf(c).joined, c.method).toBeNull();
  });
});

describe('joining', () => {
  const sizes = fc.array(fc.integer({ min: 2, max: 300 }).chain((tokens) => fc.record({ tokens: fc.constant(tokens), losses: fc.integer({ min: 1, max: tokens - 1 }), examples: fc.constant(1) })), { minLength: 2, maxLength: 40 });
  it('keeps every row once and within every limit of the step', () => {
    fc.assert(fc.property(sizes, fc.integer({ min: 2, max: 8 }), (all, batchRows) => {
      const batches = Array.from({ length: Math.ceil(all.length / batchRows) }, (_, b) => all.map((_s, i) => i).slice(b * batchRows, (b + 1) * batchRows));
      const buckets = chooseBuckets(all, batches, batchRows, 1);
      const plan = planJoined(all, batches, { batchRows, buckets, hiddenSize: 64, overhead: 16 });
      if (plan === null) return;
      const { bucket } = plan;
      expect(bucket.length).toBeLessThanOrEqual(batchRows * buckets[0]!.length);
      for (const rows of batches) {
        const groups = joinRows(all, rows, bucket);
        expect(groups.flat().toSorted((a, b) => a - b)).toEqual(rows);
        for (const group of groups) for (const [of, most] of [['tokens', bucket.length], ['losses', bucket.losses], ['examples', bucket.examples]] as const) expect(group.reduce((n, row) => n + all[row]![of], 0)).toBeLessThanOrEqual(most);
      }
    }));
  });
  it('is left alone where all rows are of one length', () => {
    const all = Array.from({ length: 12 }, () => ({ tokens: 128, losses: 64, examples: 0 }));
    const batches = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]];
    expect(planJoined(all, batches, { batchRows: 4, buckets: chooseBuckets(all, batches, 4, 1), hiddenSize: 576, overhead: 24 })).toBeNull();
  });
});
