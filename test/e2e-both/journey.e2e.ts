/** The main job by hand: import a model and data, walk the wizard, watch a live run, pause, resume, stop, compare; every page in both themes and languages, with axe. Runs in Chromium and in Electron. */
import AxeBuilder from '@axe-core/playwright';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeRealModel } from '../support/real-model.ts';
import { expect, test, type App } from '../support/window.ts';

const ROWS = 60;

/** A model and data as a person would have them on disk. */
function givenFiles(home: string): { model: string; data: string } {
  const given = join(home, 'given');
  mkdirSync(given, { recursive: true });
  const data = join(given, 'questions.jsonl');
  writeFileSync(data, Array.from({ length: ROWS }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `What comes after ${i}?` }, { role: 'assistant', content: `${i + 1}` }] })).join('\n'));
  return { model: writeRealModel(join(given, 'tiny-llama')), data };
}

/** Goes to a path in the picker; a file is chosen by naming it, a folder by saying so. */
async function pick(page: Page, path: string, kind: 'folder' | 'file'): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Path').fill(path);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  if (kind === 'folder') await dialog.getByRole('button', { name: 'Choose this folder', exact: true }).click();
}

async function noSeriousViolation(app: App, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page }).analyze().catch(async () => new AxeBuilder({ page: app.page }).setLegacyMode().analyze());
  const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect(serious.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 200)} (${v.nodes[0]?.failureSummary?.slice(0, 200)})`), where).toEqual([]);
}

const goTo = (page: Page, name: string): Promise<void> => page.getByRole('navigation').getByRole('link', { name: new RegExp(`^${name}`) }).click();

test('import, train, watch, pause, resume, stop and compare', async ({ app }) => {
  test.setTimeout(240_000);
  app.page.setDefaultTimeout(20_000);
  const { page } = app, { model, data } = givenFiles(app.home);

  await goTo(page, 'Models');
  await page.getByRole('button', { name: /Import a model/ }).first().click();
  await pick(page, model, 'folder');
  await expect(page.getByText('As the model will see a conversation').first()).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByText('tiny-llama').first()).toBeVisible();
  await noSeriousViolation(app, 'models');

  await goTo(page, 'Datasets');
  await page.getByRole('button', { name: /Import a dataset/ }).first().click();
  await pick(page, data, 'file');
  await expect(page.getByText('What comes after 0?').first()).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: `Import ${ROWS} rows` }).click();
  await expect(page.getByText('questions').first()).toBeVisible();

  await goTo(page, 'Train');
  await page.getByRole('radio', { name: /tiny-llama/ }).check({ force: true });
  await page.getByRole('button', { name: /^Next/ }).click();
  await page.getByRole('button', { name: /^Next/ }).click();
  await page.getByRole('radiogroup', { name: 'Training data' }).getByRole('radio', { name: /questions/ }).check({ force: true });
  await page.getByRole('button', { name: /^Next/ }).click();
  await page.getByLabel('Steps at most', { exact: true }).fill('4000');
  await page.getByLabel('Evaluate every', { exact: true }).fill('200');
  await page.getByLabel('Prompts').fill('What comes after 7?');
  await noSeriousViolation(app, 'parameters');
  await page.getByRole('button', { name: /^Next/ }).click();
  await expect(page.getByText('Every row trains at least one token.')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText('4,000 steps', { exact: false }).first()).toBeVisible();
  await noSeriousViolation(app, 'review');
  await page.getByRole('button', { name: /^Start(?! over)/ }).click();

  await expect(page.getByRole('heading', { level: 1 })).toContainText('tiny-llama', { timeout: 30_000 });
  await expect(page.getByText('Training', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.locator('canvas').first()).toBeVisible();
  await page.getByRole('button', { name: /^Pause/ }).click();
  await expect(page.getByText('Paused', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await noSeriousViolation(app, 'run');
  await page.getByRole('button', { name: /^Resume/ }).click();
  await expect(page.getByText('Training', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: /^Stop and save/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop and save' }).click();
  await expect(page.getByText('Stopped', { exact: true }).first()).toBeVisible({ timeout: 30_000 });

  await page.getByRole('main').getByRole('button', { name: /^Compare/ }).first().click();
  await expect(page).toHaveURL(/compare/);
  await page.getByRole('textbox', { name: 'Prompt' }).fill('What comes after 3?');
  await page.getByRole('button', { name: /^Send/ }).click();
  await expect(page.getByText(/tok\/s/)).toHaveCount(2, { timeout: 60_000 });
  await expect(page.getByText('Locked: same prompt, seed and sampling in every pane')).toBeVisible();
  await noSeriousViolation(app, 'compare');
  expect(app.errors).toEqual([]);
});

test('every page in light, dark, English and Chinese', async ({ app }, info) => {
  test.setTimeout(180_000);
  const { page } = app;
  const pages = ['home', 'models', 'datasets', 'train', 'runs', 'compare', 'settings'];
  for (const language of ['en', 'zh-CN']) for (const theme of ['light', 'dark']) {
    await page.getByRole('navigation').getByRole('link').last().click();
    await page.getByRole('combobox', { name: /^(Language|语言)/ }).selectOption(language);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await page.getByRole('radio', { name: { light: /^(Light|浅色)/, dark: /^(Dark|深色)/ }[theme] as RegExp }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    for (const [i, name] of pages.entries()) {
      await page.getByRole('navigation').getByRole('link').nth(i).click();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForTimeout(150);
      const body = await page.screenshot();
      await info.attach(`${name}-${language}-${theme}.png`, { body, contentType: 'image/png' });
      await noSeriousViolation(app, `${name}, ${language}, ${theme}`);
    }
  }
  expect(app.errors).toEqual([]);
});
