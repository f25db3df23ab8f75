/** Report cards through the contract, with the stand-in engine: made when a reward run completes, again on request, and refused for what is no reward model. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

let t: TestHost, model: string, pairs: string;
beforeEach(async () => {
  t = await testHost();
  ({ model } = writeInputs(t.work));
  pairs = join(t.work, 'pairs.jsonl');
  writeFileSync(pairs, Array.from({ length: 8 }, (_, i) => JSON.stringify({ prompt: `question ${i}`, chosen: `good ${i}`, rejected: `bad ${i}` })).join('\n'));
});
afterEach(async () => { await t.close(); removeRoot(t); });

test('a reward run with held-out pairs gets a report card, and another one on request', async () => {
  const { id } = await t.api.runs.create({ recipe: { name: 'rm', method: 'reward', model, data: { train: pairs, eval: pairs }, train: { max_steps: 20, save_steps: 10 } } });
  await until(t.api, id, 'completed', 'failed');
  let card = await t.api.rewards.card({ id });
  for (let i = 0; card === null && i < 200; i++) { await new Promise((r) => { setTimeout(r, 25); }); card = await t.api.rewards.card({ id }); }
  // The stand-in is right about 3 of 4 and says that it left one out.
  expect(card).toMatchObject({ run_id: id, step: 20, dataset_name: 'pairs', report: { pairs: 100, left_out: 1, accuracy: { k: 75, n: 100 }, gate: { verdict: 'pass' } } });
  const seen: number[] = [];
  for await (const { progress } of t.api.rewards.measure({ id })) seen.push(progress);
  expect(seen).toEqual([0.5, 1, 1]);
  const again = await t.api.rewards.card({ id });
  expect(again?.id).not.toBe(card?.id);
  expect((await t.api.runs.get({ id })).reward_card).toBe(again?.id);
  expect(t.host.context.store.rewardCards.list()).toHaveLength(1);
  expect((await t.api.runs.log({ id })).some((l) => l.text.startsWith('Report card: 75.0 %'))).toBe(true);

  // Its checkpoint writes no text, and no other method starts from it.
  const [checkpoint] = (await t.api.runs.checkpoints({ id })).slice(-1), modelId = (await t.api.runs.get({ id })).model_id;
  const chat = async (): Promise<void> => { for await (const _ of t.api.chat.generate({ model_id: modelId, checkpoint_id: checkpoint?.id ?? null, prompt: 'hi', sampling: {} })) { /* refused */ } };
  await expect(chat()).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('is a reward model') as string });
  await expect(t.api.runs.create({ recipe: { method: 'dpo', model, checkpoint: 'rm', data: { train: pairs } } })).rejects.toMatchObject({ message: expect.stringContaining('to train with dpo') as string });
  const data = (await t.api.datasets.list())[0]!;
  const score = async (): Promise<void> => { for await (const _ of t.api.rewards.score({ model_id: modelId, checkpoint_id: null, dataset_id: data.id })) { /* refused */ } };
  await expect(score()).rejects.toMatchObject({ message: expect.stringContaining('without a scalar head') as string });
});

test('without held-out pairs there is no card, and the reason is said', async () => {
  const { id } = await t.api.runs.create({ recipe: { name: 'blind', method: 'reward', model, data: { train: pairs }, train: { max_steps: 3 } } });
  await until(t.api, id, 'completed', 'failed');
  expect(await t.api.rewards.card({ id })).toBeNull();
  const measure = async (): Promise<void> => { for await (const _ of t.api.rewards.measure({ id })) { /* refused */ } };
  await expect(measure()).rejects.toMatchObject({ message: expect.stringContaining('no held-out pairs') as string });
});
