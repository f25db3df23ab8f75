/** Steps that several journeys share: going to a page, naming a file in the picker, importing, asking axe. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, type App } from './window.ts';

export const goTo = (page: Page, name: string): Promise<void> => page.getByRole('navigation').first().getByRole('link', { name: new RegExp(`^${name}`) }).click();
export const next = (page: Page): Promise<void> => page.getByRole('button', { name: /^Next/ }).click();
export const start = (page: Page): Promise<void> => page.getByRole('button', { name: /^Start(?! over)/ }).click();

/** Goes to a path in the picker; a file is chosen by naming it, a folder by saying so. */
export async function pick(page: Page, path: string, kind: 'folder' | 'file'): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Path').fill(path);
  await dialog.getByRole('button', { name: 'Open', exact: true }).click();
  if (kind === 'folder') await dialog.getByRole('button', { name: 'Choose this folder', exact: true }).click();
}
export async function importModel(page: Page, folder: string, name: string): Promise<void> {
  await goTo(page, 'Models');
  await page.getByRole('button', { name: /^Import a model/ }).first().click();
  await pick(page, folder, 'folder');
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
}
export async function importRows(page: Page, file: string, rows: number): Promise<void> {
  await goTo(page, 'Datasets');
  await page.getByRole('button', { name: /^Import a dataset/ }).first().click();
  await pick(page, file, 'file');
  await page.getByRole('dialog').getByRole('button', { name: `Import ${rows} rows` }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

export async function noSeriousViolation(app: App, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page: app.page }).analyze().catch(async () => new AxeBuilder({ page: app.page }).setLegacyMode().analyze());
  const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect(serious.map((v) => `${v.id}: ${v.nodes[0]?.html.slice(0, 200)} (${v.nodes[0]?.failureSummary?.slice(0, 200)})`), where).toEqual([]);
}
