/** Every preference method learns: from a seed that the record has not seen, held-out accuracy reaches the lowest of the five recorded seeds less 0.05. The record (bench/results/learning.jsonl, by `npm run bench -- learning`) must itself lie well above its start. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Figure } from '../../bench/figure.ts';
import { LEARNING_GAIN, LEARNING_SEEDS } from '../../bench/learning.ts';
import { LEARNING_CASES } from '../../bench/learning/cases.ts';
import { LearningTask } from '../../bench/learning/measure.ts';
import { mannersTask } from '../../bench/learning/manners-task.ts';

const SEED = 6, MARGIN = 0.05;
const lines = readFileSync(join(import.meta.dirname, '../../bench/results/learning.jsonl'), 'utf8').split('\n').filter((line) => line !== '');
/** A later line of the same name replaces an earlier one. */
const record = new Map(lines.map((line) => JSON.parse(line) as Figure).map((f) => [f.name, f]));
const numbers = (f: Figure, key: string): readonly number[] => f.detail?.[key] as readonly number[];

const task = new LearningTask(SEED);
afterAll(() => { task.dispose(); });

describe('the task', () => {
  const { train, heldOut } = mannersTask(SEED, 400, 200);
  const ids = (row: (typeof train)[number]): string => Array.from(row.completions[0]!.ids).slice(0, row.completions[0]!.prompt).join();

  it('is the same for the same seed', () => { expect(mannersTask(SEED, 400, 200)).toEqual({ train, heldOut }); });
  it('never asks a held-out prompt in training', () => {
    const prompts = new Set(train.map(ids));
    expect(prompts.size).toBe(400);
    expect(heldOut.filter((row) => prompts.has(ids(row)))).toEqual([]);
  });
  it('tells nothing by length', () => { for (const row of [...train, ...heldOut]) expect(row.completions[0]!.ids.length).toBe(row.completions[1]!.ids.length); });
});

describe('held-out accuracy', () => {
  it.each(LEARNING_CASES.filter((c) => c.fails === undefined))('$name', async (c) => {
    const known = record.get(c.name);
    expect(known, 'is recorded: npm run bench -- learning').toBeDefined();
    expect(numbers(known!, 'seeds')).toEqual([...LEARNING_SEEDS]);
    const threshold = Math.min(...numbers(known!, 'final')) - MARGIN;
    const { start, final } = await task.learn(c);
    expect(threshold).toBeGreaterThan(Math.max(start, ...numbers(known!, 'start')) + LEARNING_GAIN);
    expect(final).toBeGreaterThanOrEqual(threshold);
  });

  it.each(LEARNING_CASES.filter((c) => c.fails !== undefined))('$name: $fails', async (c) => {
    const { start, final } = await task.learn(c);
    expect(final).toBeLessThan(start);
  });
});
