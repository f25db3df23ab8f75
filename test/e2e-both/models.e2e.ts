/** A person's own models, in and out: import of a folder, an adapter and a GGUF file, the model's page (lineage, template, conversation, tensors), export with its proof; by hand and by keyboard. Runs in Chromium and in Electron. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { writeRealAdapter, writeRealModel } from '../support/real-model.ts';
import { expect, test, type App } from '../support/window.ts';

async function noSeriousViolation(app: App, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page }).analyze().catch(async () => new AxeBuilder({ page: app.page }).setLegacyMode().analyze());
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 200)} (${v.nodes[0]?.failureSummary?.slice(0, 200)})`), where).toEqual([]);
}
const goTo = (page: Page, name: string): Promise<void> => page.getByRole('navigation').first().getByRole('link', { name: new RegExp(`^${name}`) }).click();

/** Opens the import and names a path: a folder is then chosen, a file is taken at once. */
async function choose(page: Page, path: string): Promise<void> {
  await goTo(page, 'Models');
  await page.getByRole('button', { name: /^Import a model/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Path').fill(path);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  if (!path.endsWith('.gguf')) await dialog.getByRole('button', { name: 'Choose this folder', exact: true }).click();
}
const tab = (page: Page, name: string): Promise<void> => page.getByRole('radiogroup', { name: 'Show', exact: true }).getByRole('radio', { name, exact: true }).click();

test('a folder and an adapter come in, answer, and leave as GGUF with a proof; the file comes in again', async ({ app }) => {
  test.setTimeout(240_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app, given = join(app.home, 'given'), out = join(app.home, 'out');
  mkdirSync(out);
  const model = writeRealModel(join(given, 'tiny-llama'), 32), adapter = writeRealAdapter(join(given, 'polite-lora'), 32), stranger = writeRealAdapter(join(given, 'stranger'), 16);

  await choose(page, model);
  await expect(page.getByRole('dialog').getByText('Hugging Face folder')).toBeVisible();
  await noSeriousViolation(app, 'import');
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('tiny-llama');
  await expect(page.getByText('Nothing has been trained from this model yet.')).toBeVisible();
  await expect(page.locator('.md-template [data-kind="special"]').first()).toBeVisible();
  await noSeriousViolation(app, 'overview');

  // An adapter of other sizes is refused before anything is kept; the right one joins its base.
  await choose(page, stranger);
  await page.getByRole('dialog').getByLabel('Base in Anneal').selectOption({ label: await optionOf(page, 'tiny-llama') });
  await expect(page.getByText(/is 16 by 16 in the adapter and 32 by 32 in this model/)).toBeVisible();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await page.keyboard.press('Escape');
  await choose(page, adapter);
  await expect(page.getByRole('dialog').getByText('PEFT adapter')).toBeVisible();
  await expect(page.getByText('It fits this model.')).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('link', { name: 'polite-lora' })).toBeVisible();
  await expect(page.getByText('imported adapter')).toBeVisible();

  // The adapter answers, with the hash of its weights; what else was likely is told for each token.
  await page.getByRole('link', { name: 'polite-lora' }).click();
  await expect(page.getByLabel('Weights', { exact: true })).toHaveValue(/./);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Where is the mill?');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/tok\/s/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^weights [0-9a-f~]{8}/)).toBeVisible();
  await page.locator('.chat-tokens').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.chat-alt li')).toHaveCount(5);
  await noSeriousViolation(app, 'chat');

  await tab(page, 'Layers');
  await expect(page.getByRole('row', { name: /model\.embed_tokens\.weight/ })).toBeVisible();
  await page.getByRole('searchbox', { name: /Filter by name/ }).fill('layers.1. q_proj');
  await expect(page.getByText('1 of 20 tensors')).toBeVisible();
  await page.getByRole('button', { name: /^Measure norms/ }).click();
  await expect(page.getByRole('columnheader', { name: 'RMS' })).toBeVisible();
  await noSeriousViolation(app, 'layers');

  // Out as GGUF in float32: no bit is lost, and the proof says so.
  await page.getByRole('main').getByRole('button', { name: /^Export/ }).first().click();
  await page.getByRole('dialog').getByRole('radio', { name: /^GGUF/ }).check({ force: true });
  await page.getByLabel('Numbers in the file').selectOption('F32');
  await page.getByLabel('Folder', { exact: true }).fill(out);
  await page.getByLabel('Name of the new folder').fill('tiny-gguf');
  await expect(page.getByText('Free there')).toBeVisible();
  await noSeriousViolation(app, 'export');
  await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText('The exported files answer as the model in Anneal does.')).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText('100.0% of', { exact: false }).first()).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).last().click();
  await tab(page, 'Exports');
  await expect(page.getByRole('row', { name: /GGUF/ })).toBeVisible();
  await expect(page.getByText(join(out, 'tiny-gguf'), { exact: false }).first()).toBeVisible();
  await noSeriousViolation(app, 'exports');

  // The file that was written is a model that can be imported.
  const file = readdirSync(join(out, 'tiny-gguf')).find((f) => f.endsWith('.gguf')) ?? 'none.gguf';
  await choose(page, join(out, 'tiny-gguf', file));
  await expect(page.getByRole('dialog').getByText('GGUF file', { exact: true })).toBeVisible();
  await page.getByLabel('Name in Anneal').fill('from-gguf');
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('from-gguf', { timeout: 30_000 });
  await expect(page.getByText('Made from')).toBeVisible();
  expect(app.errors).toEqual([]);
});

test('what cannot be imported is said in place, and the list stays as it was', async ({ app }) => {
  const { page } = app, broken = join(app.home, 'given', 'broken'), file = join(app.home, 'given', 'odd.gguf');
  mkdirSync(broken, { recursive: true });
  writeFileSync(join(broken, 'config.json'), '{"model_type":"mamba"}');
  writeFileSync(file, 'not a GGUF file at all');
  for (const path of [broken, file]) {
    await choose(page, path);
    await expect(page.getByRole('dialog').getByRole('alert')).toBeVisible();
    await expect(page.getByText('Nothing was changed.')).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Choose another', exact: true }).click();
    await page.keyboard.press('Escape');
  }
  await expect(page.getByText('1 model', { exact: true })).toBeVisible();
});

test('by keyboard: from the list to the model\'s tabs, a conversation, the export dialog and back', async ({ app }) => {
  const { page } = app;
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Models');
  await page.getByRole('row', { name: /anneal-demo-base/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('anneal-demo-base');
  await page.keyboard.press('3');
  await expect(page.getByRole('treegrid', { name: 'Tensors' })).toBeVisible();
  await page.locator('[role="treegrid"] [data-index="0"]').focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[role="treegrid"] [data-index="1"]')).toBeFocused();
  await page.keyboard.press('2');
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();
  await page.keyboard.type('Where does Clara live?');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/tok\/s/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('heading', { level: 1 }).focus();
  await page.keyboard.press('e');
  await expect(page.getByRole('dialog').getByRole('radio', { checked: true })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('dialog').getByRole('radio', { name: /^GGUF/ })).toBeChecked();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  expect(app.errors).toEqual([]);
});

async function optionOf(page: Page, name: string): Promise<string> {
  const options = page.getByRole('dialog').getByLabel('Base in Anneal').locator('option');
  await expect(options.filter({ hasText: name })).not.toHaveCount(0);
  return options.evaluateAll((all, wanted) => all.map((o) => o.textContent ?? '').find((x) => x.startsWith(wanted)) ?? '', name);
}
