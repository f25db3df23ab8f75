/** The embedded model and data are registered once, and the demo goes through its stages to a table; cancelled or cut off, it says so. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareAligned } from '../../src/main/host/demo/compare-aligned.ts';
import { compareAnswers } from '../../src/main/host/demo/compare-answers.ts';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

let root: string, resources: string, t: TestHost;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-demo-'));
  resources = join(root, 'resources');
  const demo = join(resources, 'demo');
  mkdirSync(join(demo, 'data'), { recursive: true });
  const { model, data } = writeInputs(root, 40);
  cpSync(model, join(demo, 'model'), { recursive: true });
  for (const f of ['model.safetensors', 'tokenizer.json']) writeFileSync(join(demo, 'model', f), '');
  for (const [i, f] of ['train', 'dev', 'heldout'].entries()) { writeInputs(root, 40 - i); cpSync(data, join(demo, 'data', `instruct-${f}.jsonl`)); }
  writeFileSync(join(demo, 'recipe.yaml'), 'method: sft\nmodel: anneal-demo-base\ndata: {train: anneal-demo-train, eval: anneal-demo-dev}\ntrain: {max_steps: 40}\n');
  t = await testHost({ resources }, join(root, 'run'));
});
afterEach(async () => { await t.close(); removeRoot(t); rmSync(root, { recursive: true, force: true }); });

const ended = async (id: string): Promise<NonNullable<Awaited<ReturnType<typeof t.api.demo.latest>>>> => {
  for (;;) {
    const demo = await t.api.demo.latest();
    if (demo?.id === id && demo.ended_at !== null) return demo;
    await new Promise((r) => { setTimeout(r, 10); });
  }
};

test('registered once, under their names', async () => {
  const models = await t.api.models.list(), datasets = await t.api.datasets.list();
  expect(models.map((m) => [m.name, m.source])).toEqual([['anneal-demo-base', 'embedded']]);
  expect(datasets.map((d) => [d.name, d.rows])).toEqual([['anneal-demo-train', 40], ['anneal-demo-dev', 39], ['anneal-demo-heldout', 38]]);
  await expect(t.api.models.remove({ id: models[0]?.id ?? '' })).rejects.toMatchObject({ code: 'conflict' });
  await t.close();
  t = await testHost({ resources }, join(root, 'run'));
  expect(await t.api.models.list()).toEqual(models);
  expect(await t.api.datasets.list()).toEqual(datasets);
});

test('another version of the data takes its place; a run keeps the one it was made from', async () => {
  const [before] = await t.api.datasets.list();
  const { data } = writeInputs(root, 50);
  const replace = async (rows: number): Promise<void> => {
    await t.close();
    writeInputs(root, rows);
    cpSync(data, join(resources, 'demo', 'data', 'instruct-train.jsonl'));
    utimesSync(join(resources, 'demo', 'data', 'instruct-train.jsonl'), new Date(), new Date(Date.now() + 60_000));
    t = await testHost({ resources }, join(root, 'run'));
  };
  await replace(50);
  expect((await t.api.datasets.list()).filter((d) => d.name.startsWith('anneal-demo-train')).map((d) => [d.name, d.rows, d.source])).toEqual([['anneal-demo-train', 50, 'embedded']]);
  expect(existsSync(before?.dir ?? '')).toBe(false);
  const { id } = await t.api.runs.create({ recipe: { method: 'sft', model: 'anneal-demo-base', data: { train: 'anneal-demo-train' }, train: { max_steps: 2 } } });
  await until(t.api, id, 'completed');
  await replace(60);
  const now = (await t.api.datasets.list()).filter((d) => d.name.startsWith('anneal-demo-train'));
  expect(now.map((d) => [d.rows, d.source])).toEqual([[50, 'imported'], [60, 'embedded']]);
  expect(now.at(-1)?.name).toBe('anneal-demo-train');
  expect((await t.api.runs.get({ id })).train_dataset_id).toBe(now[0]?.id);
});

test('base, training, tuned, table', async () => {
  expect(await t.api.demo.latest()).toBeNull();
  const { id } = await t.api.demo.start();
  expect((await t.api.demo.start()).id).toBe(id);
  const demo = await ended(id);
  expect(demo).toMatchObject({ status: 'done', progress: 1, error: null });
  expect(demo.scores.map((s) => [s.task, s.n, s.base, s.tuned])).toEqual([['even', 19, 4 / 19, 1], ['odd', 19, 0, 1], ['all', 38, 4 / 38, 1]]);
  expect(demo.difference).toMatchObject({ mean: 34 / 38 });
  expect(demo.difference?.low).toBeGreaterThan(0.7);
  expect(demo.difference?.p).toBeLessThan(1e-6);
  expect(demo.examples.map((e) => e.task)).toEqual(['even', 'odd']);
  expect((await t.api.runs.get({ id: demo.run_id ?? '' })).status).toBe('completed');
});

test('with pairs it goes on: aligning, aligned, ranking and answers compared, exact match asked again', async () => {
  await t.close();
  const pair = (i: number): object => ({ prompt: [{ role: 'user', content: `Hello. Question ${i}?` }], chosen: [{ role: 'assistant', content: `Gladly. Answer ${i}.` }], rejected: [{ role: 'assistant', content: 'Are you deaf?' }], task: 'courtesy' });
  for (const split of ['train', 'dev', 'heldout']) writeFileSync(join(resources, 'demo', 'data', `preference-${split}.jsonl`), Array.from({ length: 20 }, (_, i) => JSON.stringify(pair(i))).join('\n'));
  writeFileSync(join(resources, 'demo', 'dpo-recipe.yaml'), 'method: dpo\nmodel: anneal-demo-base\ndata: {train: anneal-demo-preferences, eval: anneal-demo-preferences-dev}\ntrain: {max_steps: 30}\n');
  t = await testHost({ resources }, join(root, 'run'));
  const { id } = await t.api.demo.start(), demo = await ended(id);
  expect(demo).toMatchObject({ status: 'done', progress: 1, error: null });
  expect(demo.scores.map((s) => [s.task, s.n, s.base, s.tuned])).toEqual([['even', 19, 4 / 19, 1], ['odd', 19, 0, 1], ['all', 38, 4 / 38, 1]]);
  const first = await t.api.runs.get({ id: demo.run_id ?? '' }), second = await t.api.runs.get({ id: demo.align_run_id ?? '' });
  expect([first.recipe.method, second.recipe.method, second.status]).toEqual(['sft', 'dpo', 'completed']);
  expect((await t.api.runs.checkpoints({ id: first.id })).map((c) => c.id)).toContain(second.recipe.checkpoint);
  expect(demo.alignment).toMatchObject({ run_id: second.id, exact_match: { n: 38, value: 1 }, exact_match_change: { mean: 0 } });
  const all = demo.alignment?.categories.at(-1);
  expect(all).toMatchObject({ task: 'all', n: 20, reward_accuracy: { value: 1 }, likelihood_before: { value: 0.5 }, likelihood_after: { value: 1 }, win_rate: { value: 1 }, ties: 0, passed_before: { value: 0 }, passed_after: { value: 1 } });
  expect(all?.win_rate.low).toBeGreaterThan(0.8);
  expect(demo.alignment?.examples[0]).toMatchObject({ task: 'courtesy', before: 'wrong', after: 'Gladly. Answer 0.' });
});

test('pairs that were measured on one side only are not compared', () => {
  const answer = { index: 0, task: 'courtesy', prompt: 'p', expected: 'Gladly. Yes.', text: 'No.' }, score = { index: 0, chosen: -1, rejected: -2, chosen_tokens: 2, rejected_tokens: 2 };
  const side = { answers: [answer], pairs: [score] };
  // Before alignment against itself: nothing is preferred, nothing wins.
  expect(compareAligned(side, side).categories.at(-1)).toMatchObject({ reward_accuracy: { value: 0.5 }, win_rate: { value: 0.5 }, ties: 1, likelihood_before: { value: 1 } });
  expect(() => compareAligned(side, { answers: [answer], pairs: [] })).toThrow('same pairs');
  expect(() => compareAligned(side, { answers: [answer, { ...answer, index: 1 }], pairs: [score] })).toThrow('cannot be compared');
});

test('cancelled; and cut off by the end of the host', async () => {
  const first = await t.api.demo.start();
  expect(await t.api.demo.cancel({ id: first.id })).toMatchObject({ status: 'cancelled' });
  await ended(first.id);
  const second = await t.api.demo.start();
  expect(second.id).not.toBe(first.id);
  t.host.context.store.demos.put({ ...second, id: 'demo_old', ended_at: null });
  await t.close();
  t = await testHost({ resources }, join(root, 'run'));
  const all = t.host.context.store.demos.list();
  expect(all.every((d) => d.ended_at !== null)).toBe(true);
  expect(all.find((d) => d.id === 'demo_old')).toMatchObject({ status: 'failed', error: { code: 'unavailable' } });
});

test('answers of other rows are not compared', () => {
  const a = { index: 0, task: 't', prompt: 'p', expected: 'x', text: 'x' };
  expect(() => compareAnswers([a], [{ ...a, expected: 'y' }])).toThrow('same rows');
  expect(() => compareAnswers([], [])).toThrow('cannot be compared');
  expect(() => compareAnswers([a], [a, { ...a, index: 1 }])).toThrow('cannot be compared');
});
