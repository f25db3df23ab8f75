/** Runs through the contract, with a real store and engine processes (the stand-in): complete, pause, resume, stop, crash, fail, remove. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

let t: TestHost, model: string, data: string;
beforeEach(async () => { t = await testHost(); ({ model, data } = writeInputs(t.work)); });
afterEach(async () => { await t.close(); removeRoot(t); });

const recipe = (name: string, train: Record<string, unknown> = {}): Record<string, unknown> => ({ name, method: 'sft', model, data: { train: data }, train: { max_steps: 30, save_steps: 10, eval_steps: 5, ...train }, samples: { prompts: ['hello'] } });

test('a run trains to its end: metrics, samples, checkpoints and log are in the store', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('plain', { save_total_limit: 2 }) });
  const run = await until(t.api, id, 'completed', 'failed');
  expect(run).toMatchObject({ status: 'completed', step: 30, total_steps: 30, durable_step: 30, attempt: 1, error: null, best_step: 30, tokens: 3000, metric_seq: 36 });
  expect(run.last).toEqual({ loss: 2 / 30, learning_rate: 1e-3, eval_loss: 1 / 30 });
  const { seq, series } = await t.api.runs.metrics({ id, names: ['loss', 'eval_loss', 'nothing'] });
  expect(seq).toBe(36);
  expect(series.map((s) => s.count)).toEqual([30, 6, 0]);
  expect(series[0]?.mean).toEqual(Array.from({ length: 30 }, (_, k) => 2 / (k + 1)));
  expect((await t.api.runs.samples({ id })).map((s) => s.step)).toEqual([5, 10, 15, 20, 25, 30]);
  const checkpoints = await t.api.runs.checkpoints({ id });
  expect(checkpoints.map((c) => c.step)).toEqual([20, 30]);
  expect(checkpoints.every((c) => existsSync(c.path))).toBe(true);
  expect(run.spark.length).toBeGreaterThan(10);
  expect(t.host.context.engines.status().engines.some((e) => e.kind === 'train')).toBe(false);
});

test('pause, resume, stop', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('slow', { max_steps: 100_000, save_steps: 0, eval_steps: 0 }) });
  await until(t.api, id, 'running');
  await new Promise((r) => { setTimeout(r, 150); });
  await t.api.runs.pause({ id });
  const paused = await until(t.api, id, 'paused');
  expect(paused.durable_step).toBe(paused.step);
  expect(paused.step).toBeGreaterThan(1);
  await expect(t.api.runs.pause({ id })).resolves.toMatchObject({ status: 'paused' });
  await t.api.runs.resume({ id });
  await until(t.api, id, 'running');
  await t.api.runs.stop({ id });
  const stopped = await until(t.api, id, 'stopped');
  expect(stopped).toMatchObject({ attempt: 2, error: null });
  expect(stopped.step).toBeGreaterThan(paused.step);
  const { series } = await t.api.runs.metrics({ id, names: ['loss'], points: 5000 });
  expect(series[0]?.steps).toEqual(Array.from({ length: stopped.step }, (_, k) => k + 1));
  await expect(t.api.runs.pause({ id })).rejects.toMatchObject({ code: 'run-state' });
});

test('one training at a time, in the order of asking; a waiting run can be taken back', async () => {
  const first = await t.api.runs.create({ recipe: recipe('a') });
  const second = await t.api.runs.create({ recipe: recipe('b') });
  const third = await t.api.runs.create({ recipe: recipe('c') });
  expect((await t.api.runs.get({ id: second.id })).status).toBe('queued');
  expect((await t.api.runs.stop({ id: second.id })).status).toBe('stopped');
  const done = await until(t.api, third.id, 'completed');
  expect(done.started_at).toBeGreaterThanOrEqual((await t.api.runs.get({ id: first.id })).ended_at ?? Infinity);
  expect((await t.api.runs.get({ id: second.id })).attempt).toBe(0);
});

test('waiting runs know their place and can be moved', async () => {
  const slow = await t.api.runs.create({ recipe: recipe('slow', { max_steps: 100_000, save_steps: 0, eval_steps: 0 }) });
  const [b, c, d] = [await t.api.runs.create({ recipe: recipe('b') }), await t.api.runs.create({ recipe: recipe('c') }), await t.api.runs.create({ recipe: recipe('d') })];
  const places = async (): Promise<(number | null)[]> => Promise.all([slow, b, c, d].map(async ({ id }) => (await t.api.runs.get({ id })).queue));
  expect(await places()).toEqual([null, 1, 2, 3]);
  expect((await t.api.runs.move({ id: d.id, to: 1 })).queue).toBe(1);
  expect(await places()).toEqual([null, 2, 3, 1]);
  await t.api.runs.move({ id: d.id, to: 99 });
  await t.api.runs.pause({ id: b.id });
  expect(await places()).toEqual([null, null, 1, 2]);
  await expect(t.api.runs.move({ id: slow.id, to: 1 })).rejects.toMatchObject({ code: 'run-state' });
  await t.api.runs.stop({ id: slow.id });
  const [doneC, doneD] = [await until(t.api, c.id, 'completed'), await until(t.api, d.id, 'completed')];
  expect(doneD.started_at).toBeGreaterThanOrEqual(doneC.ended_at ?? Infinity);
  expect([doneC.queue, doneD.queue]).toEqual([null, null]);
});

test('a crash is interrupted, then resumed from the last checkpoint; earlier rows past it are superseded', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('crash@17') });
  const run = await until(t.api, id, 'completed', 'paused', 'failed');
  expect(run).toMatchObject({ status: 'completed', attempt: 2, step: 30, error: null });
  const { series } = await t.api.runs.metrics({ id, names: ['loss'] });
  expect(series[0]?.steps).toEqual(Array.from({ length: 30 }, (_, k) => k + 1));
  const log = await t.api.runs.log({ id });
  expect(log.some((l) => l.level === 'error' && l.text.includes('aborted inside its native code'))).toBe(true);
  expect((await t.api.runs.samples({ id })).map((s) => s.step)).toEqual([5, 10, 15, 20, 25, 30]);
});

test('two crashes at the same step pause the run with a diagnosis and remedies', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('crash!@17') });
  const run = await until(t.api, id, 'completed', 'paused', 'failed');
  expect(run).toMatchObject({ status: 'paused', attempt: 2, durable_step: 10, error: { code: 'engine-crashed' } });
  expect(run.note).toMatch(/twice at step \d+.*gradient_checkpointing on/);
  expect(t.host.context.runs.current).toBeNull();
});

test('an error of the run is its end, with its code, and the checkpoint is kept', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('fail@25') });
  expect(await until(t.api, id, 'completed', 'paused', 'failed')).toMatchObject({ status: 'failed', step: 24, durable_step: 20, error: { code: 'loss-not-finite', message: 'The loss of step 25 is not a number.' } });
  const { id: next } = await t.api.runs.create({ recipe: recipe('after') });
  await until(t.api, next, 'completed');
});

test('a full disk pauses; with room again it resumes', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('disk@20') });
  expect(await until(t.api, id, 'completed', 'paused', 'failed')).toMatchObject({ status: 'paused', durable_step: 10, error: { code: 'disk-full' }, note: 'The disk is full. Free some space, then resume.' });
  writeFileSync(join(t.home, 'runs', id, 'room'), '');
  await t.api.runs.resume({ id });
  expect(await until(t.api, id, 'completed', 'failed')).toMatchObject({ status: 'completed', step: 30 });
});

test('removing a run needs it to be over, and takes its folder when asked', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('gone', { max_steps: 100_000 }) });
  await until(t.api, id, 'running');
  await expect(t.api.runs.remove({ id, files: true })).rejects.toMatchObject({ code: 'run-state' });
  await t.api.runs.stop({ id });
  await until(t.api, id, 'stopped');
  expect(existsSync(join(t.home, 'runs', id, 'recipe.yaml'))).toBe(true);
  await new Promise((r) => { setTimeout(r, 100); });
  await t.api.runs.remove({ id, files: true });
  expect(existsSync(join(t.home, 'runs', id))).toBe(false);
  await expect(t.api.runs.get({ id })).rejects.toMatchObject({ code: 'not-found' });
  expect(await t.api.runs.checkpoints({})).toEqual([]);
});

test('records and folders of checkpoints that parted are brought together before a run continues', async () => {
  const { id } = await t.api.runs.create({ recipe: recipe('parted', { max_steps: 100_000, save_steps: 0, eval_steps: 0, save_total_limit: 1 }) });
  const pauseSoon = async (): Promise<number> => { await until(t.api, id, 'running'); await new Promise((r) => { setTimeout(r, 60); }); await t.api.runs.pause({ id }); return (await until(t.api, id, 'paused')).durable_step; };
  const first = await pauseSoon(), folder = (step: number): string => join(t.home, 'runs', id, `checkpoint-${step}`);
  // Died after the engine wrote the next one and removed the last, before the host could note it; and one that was never finished.
  cpSync(folder(first), folder(first + 5), { recursive: true });
  writeFileSync(join(folder(first + 5), 'trainer_state.json'), JSON.stringify({ global_step: first + 5, weight_hash: 'later', kind: 'adapter' }));
  rmSync(folder(first), { recursive: true });
  mkdirSync(folder(first + 9));
  await t.api.runs.resume({ id });
  await until(t.api, id, 'starting', 'running');
  expect(t.host.context.store.runs.attempts(id).at(-1)).toMatchObject({ attempt: 2, from_step: first + 5 });
  const second = await pauseSoon();
  expect(second).toBeGreaterThan(first + 5);
  expect((await t.api.runs.checkpoints({ id })).map((c) => c.step)).toEqual([second]);
  // A folder that nobody knows beside one that is known goes.
  cpSync(folder(second), folder(second + 7), { recursive: true });
  await t.api.runs.resume({ id });
  const third = await pauseSoon();
  expect([existsSync(folder(second + 7)), existsSync(folder(third))]).toEqual([false, true]);
  expect(t.host.context.store.runs.attempts(id).at(-1)).toMatchObject({ from_step: second });
  // One that is torn is set aside; nothing whole is left, so the run starts over.
  writeFileSync(join(folder(third), 'trainer_state.json'), '{"global_step":');
  await t.api.runs.resume({ id });
  await pauseSoon();
  expect(t.host.context.store.runs.attempts(id).at(-1)).toMatchObject({ from_step: 0 });
  expect(existsSync(join(t.home, 'runs', id, `damaged-checkpoint-${third}`))).toBe(true);
});

test('closing the host saves a live run; the next host finds it interrupted and may resume it', async () => {
  await t.api.settings.set({ resume_interrupted: true });
  const { id } = await t.api.runs.create({ recipe: recipe('closed', { max_steps: 400, save_steps: 0, eval_steps: 0 }) });
  await until(t.api, id, 'running');
  await t.close();
  const root = join(t.home, '..');
  t = await testHost({}, root);
  const found = await t.api.runs.get({ id });
  expect(found).toMatchObject({ status: 'interrupted', durable_step: found.step });
  await t.close();
  t = await testHost({ autoResume: true }, root);
  expect(await until(t.api, id, 'completed', 'failed')).toMatchObject({ status: 'completed', step: 400, attempt: 2 });
});
