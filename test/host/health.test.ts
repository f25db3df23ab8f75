/** Health rules in the host: a rule that the recipe names pauses the run with a checkpoint and says why; it can be resumed and is not paused for the same thing again. */
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HealthWatch } from '../../src/main/host/jobs/health-watch.ts';
import { recipe as recipeSchema } from '../../src/shared/schema/recipe.ts';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

describe('runs', () => {
  let t: TestHost, model: string, data: string;
  beforeEach(async () => { t = await testHost(); ({ model, data } = writeInputs(t.work)); });
  afterEach(async () => { await t.close(); removeRoot(t); });
  const recipe = (name: string, health?: object): Record<string, unknown> => ({ name, method: 'sft', model, data: { train: data }, train: { max_steps: 200, save_steps: 0, eval_steps: 0 }, ...(health === undefined ? {} : { health }) });
  const lines = async (id: string): Promise<string[]> => (await t.api.runs.log({ id })).filter((l) => l.level === 'warn').map((l) => l.text);

  test('a spike pauses the run, the log says why, and it goes on when resumed', async () => {
    const { id } = await t.api.runs.create({ recipe: recipe('spike@40', { pause_on: ['loss-spike'] }) });
    const paused = await until(t.api, id, 'paused', 'completed', 'failed');
    expect(paused).toMatchObject({ status: 'paused', error: null });
    expect(paused.note).toMatch(/^Paused by the health rule loss-spike: The loss jumped to 40; it was about 0\.0\d+ before\.$/);
    expect(paused.step).toBeGreaterThanOrEqual(40);
    expect(paused.step).toBeLessThan(200);
    expect(paused.durable_step).toBe(paused.step);
    expect((await t.api.runs.checkpoints({ id })).every((c) => existsSync(c.path))).toBe(true);
    expect(await lines(id)).toEqual([expect.stringMatching(/^Health \(loss-spike\), step 40: The loss jumped/), paused.note]);
    await t.api.runs.resume({ id });
    expect(await until(t.api, id, 'completed', 'paused', 'failed')).toMatchObject({ status: 'completed', step: 200, attempt: 2, note: null });
  });
  test('without pause_on the rule is told once and the run goes on', async () => {
    const { id } = await t.api.runs.create({ recipe: recipe('spike@40') });
    expect((await until(t.api, id, 'completed', 'paused', 'failed')).status).toBe('completed');
    expect(await lines(id)).toEqual([expect.stringMatching(/^Health \(loss-spike\), step 40:/)]);
  });
  test('a rule or a threshold that does not exist is refused before the start', async () => {
    await expect(t.api.runs.create({ recipe: recipe('x', { pause_on: ['loss-spikes'] }) })).rejects.toMatchObject({ code: expect.stringMatching(/^recipe/) });
    await expect(t.api.runs.create({ recipe: recipe('x', { limits: { 'kl-limit': { limmit: 1 } } }) })).rejects.toMatchObject({ code: expect.stringMatching(/^recipe/) });
  });
});

describe('watch', () => {
  const recipe = (health: object) => recipeSchema.parse({ method: 'dpo', model: 'm', data: { train: 'd' }, health });
  test('speaks when a rule begins to hold, again when it comes back, and not of what held before', () => {
    const settings = recipe({ limits: { 'kl-limit': { limit: 0.2 } } }), watch = new HealthWatch(settings);
    expect(watch.add(10, { 'probe/kl': 0.1 })).toEqual([]);
    expect(watch.add(20, { 'probe/kl': 0.3 }).map((n) => [n.finding.rule, n.pauses])).toEqual([['kl-limit', false]]);
    expect(watch.add(30, { 'probe/kl': 0.4 })).toEqual([]);
    expect(watch.add(40, { 'probe/kl': 0.1 })).toEqual([]);
    expect(watch.add(50, { 'probe/kl': 0.5 }).map((n) => n.finding.rule)).toEqual(['kl-limit']);
    expect(new HealthWatch(settings, { 'probe/kl': [{ step: 20, value: 0.3 }] }).add(30, { 'probe/kl': 0.4 })).toEqual([]);
  });
  test('a long run keeps its first and its newest points', () => {
    const watch = new HealthWatch(recipe({ pause_on: ['loss-spike'] }));
    let told = 0;
    for (let step = 1; step <= 20_000; step++) told += watch.add(step, { loss: step === 19_990 ? 9 : 1 }).length;
    expect(told).toBe(1);
  }, 60_000);
});
