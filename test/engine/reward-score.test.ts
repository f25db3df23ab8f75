/** Reward models: scores equal those that training measures, in adapters and whole checkpoints; the pooling rule; what is not a reward model is refused. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { METHODS } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { withoutPadding } from '../../src/main/engine/methods/scored-rows.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { checkOneLabel, isClassifier, paddingId } from '../../src/main/engine/models/reward-config.ts';
import { RewardScorer } from '../../src/main/engine/train/score.ts';
import { trainRun, type TrainEvent } from '../../src/main/engine/train/index.ts';
import { writeGoldenModel } from '../parity/golden-model.ts';

const base = writeGoldenModel('qwen2'), folder = mkdtempSync(join(tmpdir(), 'reward-score-'));
afterAll(() => { for (const f of [base, folder]) rmSync(f, { recursive: true, force: true }); });

const ids = (...x: number[]): number[] => x;
const rows: ExampleRow[] = Array.from({ length: 6 }, (_, i) => ({
  completions: [{ ids: ids(2, 5 + i, 9, 11, 3 + i, 1), prompt: 3 }, { ids: ids(2, 5 + i, 9, 20, 1), prompt: 3 }], columns: { margin: 0 }, truncated: false, source: i,
}));
const adapter = loraAdapter.parse({ r: 4, lora_alpha: 8 });

async function train(name: string, kind: 'adapter' | 'full', own = adapter): Promise<{ checkpoint: string; values: Record<string, number> }> {
  const events: TrainEvent[] = [];
  const config = METHODS.reward.train.parse({ learning_rate: 5e-3, max_steps: 4, per_device_train_batch_size: 3, per_device_eval_batch_size: 4, eval_steps: 0, save_steps: 0 });
  const done = await trainRun({ method: 'reward', config, adapter: kind === 'adapter' ? own : null, modelFolder: base, start: null, rows, evalRows: rows, runFolder: mkdtempSync(join(folder, name)), resume: null, threads: 1, recipeHash: 'r' }, (e) => events.push(e));
  return { checkpoint: done.checkpoint!, values: Object.assign({}, ...events.flatMap((e) => (e.type === 'metric' ? [e.values] : []))) as Record<string, number> };
}
const scoresOf = async (options: Partial<ConstructorParameters<typeof RewardScorer>[0]>, of: readonly ExampleRow[] = rows): Promise<number[][]> => {
  const scorer = new RewardScorer({ modelFolder: base, start: null, adapter: null, batch: 4, threads: 1, ...options });
  try { return await scorer.score(of); } finally { await scorer.dispose(); }
};

describe('a checkpoint of a reward run', () => {
  it.each(['adapter', 'full'] as const)('%s: scores what the run measured on the same rows, in any batch', async (kind) => {
    const { checkpoint, values } = await train(kind, kind);
    const options = { start: { folder: checkpoint, kind }, adapter: kind === 'adapter' ? adapter : null };
    const scores = await scoresOf(options), single = await scoresOf({ ...options, batch: 1 });
    const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
    expect(mean(scores.map(([a, b]) => a! - b!))).toBeCloseTo(values['eval_margin']!, 5);
    expect(mean(scores.flat())).toBeCloseTo(values['eval_mean_reward']!, 5);
    scores.forEach((row, i) => { row.forEach((s, j) => { expect(single[i]![j]).toBeCloseTo(s, 5); }); });
    // A single answer, and a prompt that is not shared, say the same.
    const alone = await scoresOf(options, rows.map((r) => ({ ...r, completions: [r.completions[1]!] })));
    alone.forEach(([s], i) => { expect(s).toBeCloseTo(scores[i]![1]!, 5); });
    if (kind === 'adapter') {
      const config = JSON.parse(readFileSync(join(checkpoint, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
      expect(config).toMatchObject({ task_type: 'SEQ_CLS', modules_to_save: ['score'] });
    } else {
      const source = openModelFolder(checkpoint);
      expect(isClassifier(source.config, source.tensors)).toBe(true);
      checkOneLabel(source.config, source.tensors);
      expect(source.config).toMatchObject({ id2label: { 0: 'LABEL_0' }, pad_token_id: 0 });
      expect([...source.tensors.keys()]).not.toContain('lm_head.weight');
    }
  });
  it('an adapter on a 4-bit base is scored on that base', async () => {
    const quantised = { ...adapter, load_in_4bit: true }, { checkpoint, values } = await train('four', 'adapter', quantised);
    const start = { folder: checkpoint, kind: 'adapter' } as const, margin = (scores: number[][]): number => scores.reduce((n, [a, b]) => n + a! - b!, 0) / scores.length;
    expect(margin(await scoresOf({ start, adapter: quantised }))).toBeCloseTo(values['eval_margin']!, 5);
    expect(Math.abs(margin(await scoresOf({ start, adapter })) - values['eval_margin']!), 'the base in full precision is another').toBeGreaterThan(1e-4);
  });
  it('padding at the end of a text is not read', async () => {
    const { checkpoint } = await train('pad', 'adapter');
    const options = { start: { folder: checkpoint, kind: 'adapter' as const }, adapter };
    const padded = rows.map((r) => ({ ...r, completions: r.completions.map((c) => ({ ...c, ids: [...c.ids, 0, 0] })) }));
    expect(await scoresOf(options, padded)).toEqual(await scoresOf(options));
  });
});

describe('pooling', () => {
  it('cuts padding, keeps one token, and leaves other rows alone', () => {
    expect(withoutPadding(rows, 0)).toBe(rows);
    expect(withoutPadding(rows, null)).toBe(rows);
    const [row] = withoutPadding([{ completions: [{ ids: [4, 5, 1], prompt: 2 }, { ids: [4, 5, 6, 1, 1], prompt: 2 }], columns: {}, truncated: false, source: 0 }], 1);
    expect(row).toEqual({ completions: [{ ids: [4, 5], prompt: 2 }, { ids: [4, 5, 6], prompt: 2 }], columns: {}, truncated: false, source: 0, separate: true });
    expect(paddingId({ pad_token_id: null })).toBeNull();
  });
});

describe('what is not a reward model', () => {
  it('a language model has no scalar head', async () => {
    await expect(scoresOf({})).rejects.toMatchObject({ code: 'model-config-invalid', message: expect.stringContaining('no scalar head') as string });
  });
  it('a classifier with several labels is refused', () => {
    const copy = mkdtempSync(join(folder, 'labels-'));
    cpSync(base, copy, { recursive: true });
    const config = JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8')) as Record<string, unknown>;
    writeFileSync(join(copy, 'config.json'), JSON.stringify({ ...config, architectures: ['Qwen2ForSequenceClassification'], id2label: { 0: 'a', 1: 'b', 2: 'c' } }));
    const source = openModelFolder(copy);
    expect(isClassifier(source.config, source.tensors)).toBe(true);
    expect(() => { checkOneLabel(source.config, source.tensors); }).toThrow(/3 labels/);
  });
});
