/** What can go wrong under a person's hands, with the real engine: a run that diverges, files deleted behind the program's back, buttons clicked twice. */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callHost } from '../support/page-rpc.ts';
import { writeRealModel } from '../support/real-model.ts';
import { goTo, importModel, importRows, next, pick } from '../support/steps.ts';
import { expect, test, type App } from '../support/window.ts';

const ROWS = 24;
const given = (app: App): string => join(app.home, 'given');
function files(app: App): { model: string; data: string } {
  mkdirSync(given(app), { recursive: true });
  const data = join(given(app), 'sums.jsonl');
  writeFileSync(data, Array.from({ length: ROWS }, (_, i) => JSON.stringify({ prompt: `${i} + 1 =`, completion: ` ${i + 1}` })).join('\n'));
  return { model: writeRealModel(join(given(app), 'tiny-llama')), data };
}
async function asFarAsReview(app: App, values: Record<string, string>): Promise<void> {
  const { page } = app;
  await goTo(page, 'Train');
  await page.getByRole('radio', { name: /tiny-llama/ }).check({ force: true });
  await next(page);
  await next(page);
  await page.getByRole('radiogroup', { name: 'Training data' }).getByRole('radio', { name: /^sums/ }).check({ force: true });
  await next(page);
  await page.getByRole('radio', { name: 'Advanced', exact: true }).check({ force: true });
  for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel('Schedule', { exact: true }).selectOption('constant');
  await next(page);
  await expect(page.getByText('Every row trains at least one token.')).toBeVisible({ timeout: 60_000 });
}

test('import, start and delete clicked twice happen once; a run that diverges names its rows and what was kept', async ({ app }) => {
  test.setTimeout(180_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app, { model, data } = files(app);
  await goTo(page, 'Models');
  await page.getByRole('button', { name: /^Import a model/ }).first().click();
  await pick(page, model, 'folder');
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).dblclick();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('tiny-llama');
  expect((await callHost(app, 'models.list') as { name: string }[]).filter((m) => m.name.startsWith('tiny-llama'))).toHaveLength(1);
  await importRows(page, data, ROWS);

  await asFarAsReview(app, { 'Steps at most': '30', 'Learning rate': '10', 'Weight decay': '10', 'Adam epsilon': '1e-30', 'Gradient clipping': '0', 'Evaluate every': '0', 'Rows per micro-batch': '4' });
  await page.getByRole('button', { name: /^Start(?! over)/ }).dblclick();
  await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible({ timeout: 90_000 });
  expect(await callHost(app, 'runs.list')).toHaveLength(1);
  await expect(page.getByText(/of step \d+ (is|are) not (a )?finite number.*\(rows .*went back to step \d+/).first()).toBeVisible();

  await goTo(page, 'Runs');
  await page.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).dblclick();
  await expect(page.getByText('No run yet.')).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(app.errors).toEqual([]);
});

test('a model folder and a dataset that are gone: a sentence and a way on, no dead end', async ({ app }) => {
  test.setTimeout(120_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app, { model, data } = files(app);
  await importModel(page, model, 'tiny-llama');
  await importRows(page, data, ROWS);
  renameSync(model, `${model}-away`);
  const folder = join(app.home, 'datasets'), sums = (await callHost(app, 'datasets.list') as { name: string; dir: string }[]).find((d) => d.name === 'sums');
  expect(readdirSync(folder).length).toBeGreaterThan(0);
  rmSync(sums?.dir ?? '', { recursive: true });

  await goTo(page, 'Models');
  await expect(page.getByRole('row', { name: /tiny-llama.*missing/i })).toBeVisible();
  await page.getByRole('row', { name: /tiny-llama/ }).click();
  await expect(page.getByText('Its runs and checkpoints are kept', { exact: false })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Import from another place' })).toBeVisible();
  await goTo(page, 'Datasets');
  await page.getByRole('row', { name: /sums/ }).click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page.getByText(/The rows of the dataset version .* are gone: import the file again\./).first()).toBeVisible();
  expect(await page.locator('main').innerText()).not.toMatch(/ENOENT|\bat .*\.ts:\d+/);
});
