/** Files as they come: other column names, broken lines, names longer than a name may be; and out again as a file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/window.ts';

async function openFile(page: Page, home: string, name: string, text: string): Promise<void> {
  page.setDefaultTimeout(10_000);
  const folder = join(home, 'given'), file = join(folder, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  await page.getByRole('navigation').getByRole('link', { name: /^Datasets/ }).click();
  await page.getByRole('button', { name: /Import a dataset/ }).first().click();
  await page.getByRole('dialog').getByLabel('Path').fill(file);
  await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click();
}
const turn = (question: string): string => JSON.stringify({ messages: [{ role: 'user', content: question }, { role: 'assistant', content: 'Yes.' }] });

test('other column names: the offered mapping is taken with one click', async ({ app }) => {
  await openFile(app.page, app.home, 'odd.csv', 'question,reply,lang\n"What is 1?",one,en\n"What is 2?",two,en\n');
  const dialog = app.page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Read it with these columns' }).click();
  await expect(dialog.getByText('What is 2?')).toBeVisible();
  await dialog.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(app.page.getByRole('heading', { level: 1 })).toContainText('odd');
});

test('broken lines are named, and left out only when told so', async ({ app }) => {
  await openFile(app.page, app.home, 'broken.jsonl', [turn('a'), '{"messages":[', turn('b')].join('\n'));
  const dialog = app.page.getByRole('dialog');
  await expect(dialog.getByText(/not valid JSON/).first()).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Import/ })).toHaveAttribute('aria-disabled', 'true');
  const leaveOut = dialog.getByRole('switch');
  await leaveOut.click();
  await expect(leaveOut, 'by mouse').toBeChecked();
  await dialog.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(app.page.getByRole('heading', { level: 1 })).toContainText('broken');
});

test('a very long file name becomes a name, and the rows go out again as a file', async ({ app }) => {
  await openFile(app.page, app.home, `${'long-name-'.repeat(20)}.jsonl`, [turn('c'), turn('d')].join('\n'));
  await app.page.getByRole('dialog').getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(app.page.getByRole('heading', { level: 1 })).toContainText('long-name-long-name');
  await app.page.getByRole('button', { name: 'More actions' }).first().click();
  await app.page.getByRole('menuitem', { name: 'Export…' }).click();
  await app.page.getByRole('dialog').getByLabel('Format').selectOption('sharegpt');
  await app.page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
  const path = await app.page.getByRole('dialog').locator('code').textContent();
  const [first] = readFileSync(path ?? '', 'utf8').trim().split('\n');
  expect(JSON.parse(first ?? '')).toEqual({ conversations: [{ from: 'human', value: 'c' }, { from: 'gpt', value: 'Yes.' }] });
});
