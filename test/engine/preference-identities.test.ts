/** What must hold of preference training whatever the numbers: known values at the start, mirrored margins, accumulation, precomputed and live references, shared and separate prompts, resume. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { trainRun, type TrainEvent, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { TINY, tinyModel } from './tiny-model.ts';

const folder = tinyModel();
const other = tinyModel(TINY, 2);
const temporary = mkdtempSync(join(tmpdir(), 'preference-identities-'));
afterAll(() => { for (const f of [folder, other, temporary]) rmSync(f, { recursive: true, force: true }); });

const random = new Random(5);
const word = (): number => 2 + random.below(TINY.vocab_size - 2);
const some = (n: number): number[] => Array.from({ length: n }, word);
const ROWS: ExampleRow[] = Array.from({ length: 8 }, (_, source) => {
  const prompt = some(2 + random.below(4));
  const answer = (): ExampleRow['completions'][number] => ({ ids: [...prompt, ...some(1 + random.below(5)), 1], prompt: prompt.length });
  return { completions: [answer(), answer()], columns: { margin: 0, label: source % 2 }, truncated: false, source };
});

interface Run { method?: MethodId; rows?: readonly ExampleRow[]; train?: Record<string, unknown>; lora?: boolean; reference?: string }
async function run({ method = 'dpo', rows = ROWS, train = {}, lora = true, reference }: Run, more: Partial<TrainOptions> = {}): Promise<{ metrics: Record<string, number>[]; checkpoint: string | null }> {
  const config = METHODS[method].train.parse({ learning_rate: 1e-3, max_steps: 4, per_device_train_batch_size: 4, shuffle: false, eval_steps: 0, save_steps: 0, ...train });
  const events: TrainEvent[] = [];
  const outcome = await trainRun({
    method, config, adapter: lora ? loraAdapter.parse({ r: 2, lora_dropout: 0.2 }) : null, modelFolder: folder, start: null, reference: reference === undefined ? null : { modelFolder: reference, start: null },
    rows, evalRows: [], runFolder: mkdtempSync(join(temporary, 'run-')), resume: null, threads: 1, recipeHash: 'identities', ...more,
  }, (e) => events.push(e));
  return { metrics: events.flatMap((e) => (e.type === 'metric' ? [e.values] : [])), checkpoint: outcome.checkpoint };
}
const numbers = (steps: readonly Record<string, number>[]): Record<string, number>[] => steps.map(({ tokens_per_second: _t, step_seconds: _s, rss: _r, ...rest }) => rest);
function near(a: readonly Record<string, number>[], b: readonly Record<string, number>[], tolerance: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((step, i) => { for (const key of ['loss', 'grad_norm']) expect(Math.abs(step[key]! - b[i]![key]!), `${key} of step ${i + 1}`).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.abs(b[i]![key]!))); });
}

describe('the first step, where policy and reference are one', () => {
  it.each([['sigmoid', Math.LN2], ['cdpo', Math.LN2], ['hinge', 1], ['bco_pair', 2 * Math.LN2], ['nca_pair', 2 * Math.LN2], ['apo_zero', 1], ['apo_down', 1], ['sigmoid_norm', Math.LN2], ['aot', Math.LN2]] as const)('%s is %f, and nothing is preferred', async (loss, value) => {
    const [step] = (await run({ train: { loss_type: [loss], label_smoothing: loss === 'cdpo' ? 0.1 : 0, max_steps: 1 } })).metrics;
    expect(step!['loss']).toBeCloseTo(value, 6);
    expect(step!['rewards/margins']).toBeCloseTo(0, 7);
    expect(step!['rewards/accuracies']).toBe(0);
  });
});

describe('the same training in other forms', () => {
  it('swapping the answers mirrors the margins', async () => {
    const swapped = ROWS.map((row): ExampleRow => ({ ...row, completions: row.completions.toReversed() }));
    const [a] = (await run({ reference: other, train: { max_steps: 1 } })).metrics;
    const [b] = (await run({ rows: swapped, reference: other, train: { max_steps: 1 } })).metrics;
    expect(a!['rewards/margins']).not.toBe(0);
    expect(b!['rewards/margins']).toBeCloseTo(-a!['rewards/margins']!, 5);
    expect(b!['rewards/accuracies']).toBeCloseTo(1 - a!['rewards/accuracies']!, 7);
  });

  it.each(['dpo', 'kto', 'reward'] as const)('%s: a batch of 8 equals 8 accumulated batches of 1', async (method) => {
    // KTO's baseline is a mean over the micro-batch: fixed to zero where it would differ by definition.
    const fixed = method === 'kto' ? { loss_type: 'apo_zero_unpaired' } : {};
    const one = await run({ method, lora: method !== 'reward', train: { per_device_train_batch_size: 8, ...fixed } });
    const many = await run({ method, lora: method !== 'reward', train: { per_device_train_batch_size: 1, gradient_accumulation_steps: 8, ...fixed } });
    near(many.metrics, one.metrics, 2e-4);
  });

  it.each([undefined, 'second model'])('a precomputed reference equals a live one bit for bit (%s)', async (which) => {
    const reference = which === undefined ? {} : { reference: other };
    const live = await run({ ...reference, train: { precompute_ref_log_probs: false, max_steps: 6 } });
    const ahead = await run({ ...reference, train: { precompute_ref_log_probs: true, max_steps: 6 } });
    expect(numbers(ahead.metrics)).toEqual(numbers(live.metrics));
  });

  it.each(['dpo', 'kto', 'bco', 'cpo', 'orpo', 'reward'] as const)('%s: shared prompts equal separate ones', async (method) => {
    const rows = method === 'bco' ? ROWS.map((row) => ({ ...row, completions: row.completions.slice(0, 1) })) : ROWS;
    near((await run({ method, rows })).metrics, (await run({ method, rows: rows.map((row) => ({ ...row, separate: true })) })).metrics, 1e-4);
  });

  it.each(['dpo', 'cpo', 'orpo', 'reward'] as const)('%s: packed examples equal a batch of rows', async (method) => {
    const rows = await run({ method, train: { per_device_train_batch_size: 8, max_steps: 2 } });
    const packed = await run({ method, train: { per_device_train_batch_size: 1, packing: true, max_length: 1024, max_steps: 2 } });
    near(packed.metrics, rows.metrics, 1e-4);
  });
});

describe('resume', () => {
  it.each([['bco', {}], ['dpo', { precompute_ref_log_probs: false, sync_ref_model: true, ref_model_sync_steps: 2 }]] as const)('%s goes on bit for bit, with what it keeps between steps', async (method, train) => {
    const rows = method === 'bco' ? ROWS.map((row) => ({ ...row, completions: row.completions.slice(0, 1) })) : ROWS;
    const whole = await run({ method, rows, lora: method === 'bco', train: { ...train, max_steps: 5, lr_scheduler_type: 'constant' } });
    const runFolder = mkdtempSync(join(temporary, 'run-'));
    const first = await run({ method, rows, lora: method === 'bco', train: { ...train, max_steps: 3, lr_scheduler_type: 'constant' } }, { runFolder });
    const rest = await run({ method, rows, lora: method === 'bco', train: { ...train, max_steps: 5, lr_scheduler_type: 'constant' } }, { runFolder, resume: first.checkpoint });
    expect(numbers([...first.metrics, ...rest.metrics])).toEqual(numbers(whole.metrics));
  });
});
