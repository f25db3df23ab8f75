/** Alignment by hand, with the real engine and a tiny model: preference data in, the DPO wizard, a health rule that pauses the run and lets it go on; and a reward model to its report card. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRealModel } from '../support/real-model.ts';
import { goTo, importModel, importRows, next, noSeriousViolation, start } from '../support/steps.ts';
import { expect, test, type App } from '../support/window.ts';

const PAIRS = 40;

async function given(app: App): Promise<void> {
  const folder = join(app.home, 'given'), pairs = (from: number, n: number): string => Array.from({ length: n }, (_, i) => JSON.stringify({ prompt: `Ask for the key to room ${from + i}.`, chosen: `Could I please have the key to room ${from + i}?`, rejected: `Give me the key to room ${from + i}${(from + i) % 2 === 0 ? ' right now' : ''}!` })).join('\n');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'manners.jsonl'), pairs(0, PAIRS));
  writeFileSync(join(folder, 'manners-held.jsonl'), pairs(500, PAIRS));
  await importModel(app.page, writeRealModel(join(folder, 'tiny-llama')), 'tiny-llama');
  await importRows(app.page, join(folder, 'manners.jsonl'), PAIRS);
  await importRows(app.page, join(folder, 'manners-held.jsonl'), PAIRS);
}

async function asFarAsParameters(app: App, method: RegExp): Promise<void> {
  const { page } = app;
  await goTo(page, 'Train');
  await page.getByRole('radio', { name: /tiny-llama/ }).check({ force: true });
  await next(page);
  await page.getByRole('radiogroup', { name: 'What kind of training?' }).getByRole('radio', { name: method }).check({ force: true });
  await next(page);
  await page.getByRole('radiogroup', { name: 'Training data' }).getByRole('radio', { name: /^manners(?!-held)/ }).check({ force: true });
  await page.getByLabel('Held-out data', { exact: true }).selectOption({ label: `manners-held (${PAIRS} rows)` });
  await next(page);
}

test('pairs, the DPO wizard, a run that a health rule pauses, and on', async ({ app }) => {
  test.setTimeout(240_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app;
  await given(app);
  await expect(page.getByText('Could I please have the key to room 500?').first()).toBeVisible();
  await asFarAsParameters(app, /^Direct preference optimisation/);

  await page.getByLabel('Steps at most', { exact: true }).fill('12');
  await page.getByLabel('Evaluate every', { exact: true }).fill('4');
  await page.getByLabel('Learning rate', { exact: true }).fill('1e-2');
  await page.getByLabel('Probe prompts', { exact: true }).fill('3');
  const kl = page.getByRole('listitem').filter({ hasText: 'KL above a limit' });
  await kl.getByRole('switch', { name: 'Pause on: KL above a limit' }).click();
  await kl.getByRole('button', { name: 'Limits of: KL above a limit' }).click();
  await kl.getByLabel('Most nats per token').fill('-1');
  await expect(kl.getByText('Allowed: ≥ 0.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Next/ })).toBeDisabled();
  await kl.getByLabel('Most nats per token').fill('0');
  await noSeriousViolation(app, 'parameters with health');
  await next(page);

  await expect(page.getByText('40 pairs of answers are compared.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('3 probe prompts; pauses on: KL above a limit; limits changed: KL above a limit')).toBeVisible();
  await noSeriousViolation(app, 'review of pairs');
  await start(page);

  await expect(page.getByRole('heading', { level: 1 })).toContainText('tiny-llama', { timeout: 30_000 });
  await expect(page.getByText('Paused', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText(/Paused by the health rule kl-limit: The KL to the reference is/).first()).toBeVisible();
  const health = page.locator('section.card', { has: page.getByRole('heading', { name: 'Health' }) });
  await expect(health.getByText('pauses this run')).toBeVisible();
  await page.getByRole('button', { name: /^Resume/ }).click();
  await expect(page.getByText('Done', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  await noSeriousViolation(app, 'DPO run');
  expect(app.errors).toEqual([]);
});

test('a reward model to its report card', async ({ app }) => {
  test.setTimeout(240_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app;
  await given(app);
  await asFarAsParameters(app, /^Reward model/);
  await page.getByLabel('Steps at most', { exact: true }).fill('4');
  await next(page);
  await expect(page.getByText('40 pairs of answers are compared.')).toBeVisible({ timeout: 60_000 });
  await start(page);
  await expect(page.getByText('Done', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'Report card of the reward model' }) });
  await expect(card.getByText(/40 held-out pairs of manners-held/)).toBeVisible({ timeout: 30_000 });
  await expect(card.getByText('Right', { exact: true }).first()).toBeVisible();
  await noSeriousViolation(app, 'reward run');
  expect(app.errors).toEqual([]);
});
