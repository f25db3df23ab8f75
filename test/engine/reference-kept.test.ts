/** Scores of the reference are computed once per model and rows and kept: what is kept equals what a live reference computes, a second run scores nothing whatever of its settings the reference does not see, and a file that is damaged or of other rows is not used. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import { loraAdapter, type LoraAdapter } from '../../src/shared/schema/recipe.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { trainRun, type TrainEvent, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { TINY, tinyModel } from './tiny-model.ts';

const folder = tinyModel(), other = tinyModel(TINY, 2), temporary = mkdtempSync(join(tmpdir(), 'reference-kept-')), cache = join(temporary, 'cache');
beforeEach(() => { rmSync(cache, { recursive: true, force: true }); });
afterAll(() => { for (const f of [folder, other, temporary]) rmSync(f, { recursive: true, force: true }); });

const random = new Random(9);
const some = (n: number): number[] => Array.from({ length: n }, () => 2 + random.below(TINY.vocab_size - 2));
function rowsOf(count: number): ExampleRow[] {
  return Array.from({ length: count }, (_, source) => {
    const prompt = some(2 + random.below(4)), answer = (): ExampleRow['completions'][number] => ({ ids: [...prompt, ...some(1 + random.below(5)), 1], prompt: prompt.length });
    return { completions: [answer(), answer()], columns: { margin: 0, label: source % 2 }, truncated: false, source };
  });
}
const ROWS = rowsOf(12), HELD_OUT = rowsOf(6);

interface Run { method?: MethodId; train?: Record<string, unknown>; adapter?: Partial<LoraAdapter> | null; reference?: string; rows?: readonly ExampleRow[]; kept?: boolean }
interface Ran { metrics: Record<string, number>[]; scored: number; kept: number; checkpoint: string | null }
async function run({ method = 'dpo', train = {}, adapter = {}, reference, rows = ROWS, kept = true }: Run = {}, more: Partial<TrainOptions> = {}): Promise<Ran> {
  const config = METHODS[method].train.parse({ learning_rate: 1e-3, num_train_epochs: 2, per_device_train_batch_size: 4, per_device_eval_batch_size: 4, eval_steps: 2, save_steps: 0, ...train });
  const events: TrainEvent[] = [];
  const { checkpoint } = await trainRun({
    method, config, adapter: adapter === null ? null : loraAdapter.parse({ r: 2, ...adapter }), modelFolder: folder, start: null, reference: reference === undefined ? null : { modelFolder: reference, start: null },
    rows, evalRows: HELD_OUT, runFolder: mkdtempSync(join(temporary, 'run-')), resume: null, threads: 1, recipeHash: 'kept', ...(kept ? { referenceCache: cache } : {}), ...more,
  }, (e) => events.push(e));
  const text = events.flatMap((e) => (e.type === 'log' && e.text.startsWith('Reference log-probabilities') ? [e.text] : [])).join(' ');
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  return { metrics: events.flatMap((e) => (e.type === 'metric' ? [e.values] : [])), scored: number(/(\d+) rows were scored/), kept: number(/those of (\d+) rows were kept/), checkpoint };
}
const numbers = (steps: readonly Record<string, number>[]): Record<string, number>[] => steps.map(({ tokens_per_second: _t, step_seconds: _s, rss: _r, ...rest }) => rest);
const files = (): string[] => readdirSync(cache).sort();
const ALL = ROWS.length + HELD_OUT.length;

describe('kept scores', () => {
  it.each([['dpo', {}], ['dpo', { reference: other }], ['kto', {}]] as const)('%s %j: the second run scores nothing and equals a live reference bit for bit, held-out figures too', async (method, more) => {
    const live = await run({ method, ...more, kept: false, train: { precompute_ref_log_probs: false } });
    const first = await run({ method, ...more }), second = await run({ method, ...more });
    expect([first.kept, first.scored]).toEqual([0, ALL]);
    expect([second.kept, second.scored]).toEqual([ALL, 0]);
    expect(live.metrics.some((m) => m['eval_rewards/margins'] !== undefined)).toBe(true);
    expect(numbers(first.metrics)).toEqual(numbers(live.metrics));
    expect(numbers(second.metrics)).toEqual(numbers(live.metrics));
  });

  it.each<[string, Run]>([
    ['another seed', { train: { seed: 3 } }], ['another batch size', { train: { per_device_train_batch_size: 3, gradient_accumulation_steps: 2, per_device_eval_batch_size: 2 } }], ['another rank and its dropout', { adapter: { r: 4, lora_dropout: 0.3 } }],
    ['all weights', { adapter: null, train: { learning_rate: 1e-4 } }], ['another loss, strength and rate', { train: { loss_type: ['ipo', 'sft'], loss_weights: [1, 0.5], beta: 0.3, learning_rate: 3e-3 } }], ['fewer steps', { train: { max_steps: 2 } }], ['the same model by name', { reference: folder }],
  ])('a sweep pays once: %s', async (_name, more) => {
    await run();
    const kept = await run(more), live = await run({ ...more, kept: false, train: { ...more.train, precompute_ref_log_probs: false } });
    expect(kept.scored).toBe(0);
    expect(kept.kept).toBe(ALL);
    // Scored in other batches: the same but for the last bits.
    kept.metrics.forEach((step, i) => { for (const name of ['loss', 'rewards/margins', 'eval_rewards/margins']) if (step[name] !== undefined) expect(Math.abs(step[name] - live.metrics[i]![name]!), name).toBeLessThan(2e-4); });
  });

  it('a run that sees more rows scores only those', async () => {
    const short = await run({ train: { max_steps: 1 } });
    expect(short.scored).toBe(4 + HELD_OUT.length);
    const whole = await run();
    expect([whole.kept, whole.scored]).toEqual([4 + HELD_OUT.length, ROWS.length - 4]);
    expect((await run()).scored).toBe(0);
  });

  it('another held-out set leaves the training scores, and the other way round', async () => {
    await run();
    const more = rowsOf(3), changed = await run({}, { evalRows: more });
    expect([changed.kept, changed.scored]).toEqual([ROWS.length, 3]);
    const turned = await run({ rows: [...ROWS].reverse() });
    expect([turned.kept, turned.scored]).toEqual([HELD_OUT.length, ROWS.length]);
  });
});

describe('never the scores of something else', () => {
  it.each<[string, Run]>([
    ['another reference', { reference: other }], ['weighted tokens', { train: { ld_alpha: 0.5 } }], ['another method', { method: 'kto' }], ['packing', { train: { packing: true, max_length: 64 } }],
    ['an adapter that starts with something', { adapter: { init_lora_weights: 'pissa' } }], ['a base in 4 bit', { adapter: { load_in_4bit: true } }],
  ])('%s', async (_name, more) => {
    await run({ train: { max_steps: 1 } });
    // The held-out rows are not packed, so that of all may be the same.
    expect((await run({ ...more, train: { max_steps: 1, ...more.train } })).kept).toBe(more.train?.['packing'] === true ? HELD_OUT.length : 0);
  });

  it('an adapter to go on from', async () => {
    const first = await run({ train: { max_steps: 2 } }), start = { folder: first.checkpoint!, kind: 'adapter' } as const;
    expect((await run({}, { start })).kept).toBe(0);
    expect((await run({}, { start })).scored).toBe(0);
  });

  it('a damaged file, a file cut short, and a sound file of other rows are removed and made again', async () => {
    const fresh = await run();
    const [name] = files() as [string], path = join(cache, name), sound = readFileSync(path);
    const spoilt = Buffer.from(sound);
    spoilt[40]! ^= 1;
    const body = Buffer.from(sound.subarray(0, sound.length - 32));
    body.writeUInt32LE(4_000_000, 'anneal-reference-2\n'.length);
    for (const bytes of [spoilt, sound.subarray(0, sound.length - 5), Buffer.alloc(0), Buffer.concat([body, createHash('sha256').update(body).digest()])]) {
      writeFileSync(path, bytes);
      const healed = await run();
      expect(healed.scored).toBeGreaterThan(0);
      expect(numbers(healed.metrics)).toEqual(numbers(fresh.metrics));
      expect(readFileSync(path).equals(sound)).toBe(true);
    }
  });
});

describe('the folder', () => {
  it('keeps the 64 files used last, and nothing half-written', async () => {
    mkdirSync(cache, { recursive: true });
    const old = new Date(Date.now() - 7_200_000);
    for (let i = 0; i < 70; i++) writeFileSync(join(cache, `${i}`.padStart(32, '0')), '');
    writeFileSync(join(cache, 'x.1.part'), '');
    for (const name of files()) utimesSync(join(cache, name), old, old);
    await run();
    expect(files().length).toBe(64);
    expect(files().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('is not needed: where nothing can be written, the run goes on', async () => {
    writeFileSync(join(temporary, 'file'), '');
    const ran = await run({}, { referenceCache: join(temporary, 'file', 'below') });
    expect(ran.scored).toBe(ALL);
  });
});
