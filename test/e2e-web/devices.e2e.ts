/** Over invented data: where a run is computed is chosen in the wizard and stands in its recipe, the memory of a card is shown beside the computer's, caches are cleared after a question. Both languages. */
import { expect, test } from '@playwright/test';
import { openFixturePage, type FixturePage } from '../support/fixture-page.ts';
import type { FixtureOptions } from '../support/fixture-service.ts';

const draft = (step: string) => JSON.stringify({ state: { draft: { method: 'sft', model: 'tiny', data: { train: 'instruct', eval: 'held' }, adapter: {}, train: {}, samples: { prompts: ['Where does Chen live?'] } }, step, level: 'basic', cloneOf: null }, version: 1 });
async function wizard(options: Partial<FixtureOptions>, step = 'parameters'): Promise<FixturePage> {
  const fixture = await openFixturePage(options);
  await fixture.page.evaluate((text) => { sessionStorage.setItem('anneal.train-draft', text); }, draft(step));
  await fixture.page.reload();
  await fixture.page.getByRole('heading', { level: 1 }).waitFor();
  await fixture.open('/train');
  return fixture;
}
const kept = (fixture: FixturePage): Promise<Record<string, unknown>> => fixture.page.evaluate(() => (JSON.parse(sessionStorage.getItem('anneal.train-draft') ?? '{}') as { state: { draft: Record<string, unknown> } }).state.draft);

test('a machine with a card: what automatic takes and why, self-tests, float16, int8', async () => {
  const fixture = await wizard({ state: 'card' }), { page } = fixture;
  try {
    const card = page.locator('.wz-device');
    await expect(card.getByRole('radio', { name: /^Automatic/ })).toBeChecked();
    await expect(card).toContainText('CUDA: chosen by itself, it runs at 21400 GFLOP/s');
    await expect(card).toContainText('NVIDIA GeForce RTX 4070, 11.3 GB free of 12.9 GB (nvidia-smi)');
    await expect(card.getByRole('radio', { name: 'int8' })).toBeDisabled();
    await card.getByText('WebGPU', { exact: true }).click();
    await expect(card).toContainText('WebGPU has not been self-tested since the start.');
    await card.getByRole('button', { name: 'Test now' }).click();
    await expect(card.getByText('self-test passed')).toHaveCount(2);
    await card.getByRole('radio', { name: 'float16 products' }).check();
    expect(await kept(fixture)).toMatchObject({ device: 'webgpu', precision: 'fp16' });
    await card.getByText('Processor', { exact: true }).click();
    await expect(card.getByRole('alert')).toContainText('needs a graphics card with float16');
    await card.getByRole('radio', { name: 'float32' }).check();
    await expect(card.getByRole('alert')).toHaveCount(0);
    await card.getByRole('radio', { name: 'int8' }).check();
    expect(await kept(fixture)).toMatchObject({ device: 'cpu', train: { compute: 'int8' } });
    expect(await kept(fixture)).not.toHaveProperty('precision');
    await page.getByRole('button', { name: 'Reset all' }).click();
    await expect(card.getByRole('radio', { name: /^Automatic/ })).toBeChecked();
  } finally { await fixture.close(); }
});

test('a machine without a card offers the processor and names what is absent', async () => {
  const fixture = await wizard({}), card = fixture.page.locator('.wz-device');
  try {
    await expect(card.getByRole('radio', { name: /Processor/ })).toBeVisible();
    await expect(card).toContainText('Not available here: WebGPU and CUDA.');
    await expect(card.getByRole('radio', { name: 'float16 products' })).toBeDisabled();
  } finally { await fixture.close(); }
});

test('the review plans the card and the computer, and says where answers are computed', async () => {
  const fixture = await wizard({ state: 'card' }, 'review'), { page } = fixture;
  try {
    await expect(page.getByText('estimate, 3.72 GB of 8.67 GB')).toBeVisible();
    await expect(page.getByText('Fits on the card.')).toBeVisible();
    await expect(page.getByRole('img', { name: /^Memory estimate/ })).toBeVisible();
    await expect(page.getByText('computed on CUDA')).toBeVisible();
  } finally { await fixture.close(); }
});

test('in Chinese: no English sentence in the device card; a run says where it is computed', async () => {
  const fixture = await wizard({ state: 'card', language: 'zh-CN' }), { page } = fixture;
  try {
    await expect(page.locator('.wz-device')).toContainText('CUDA：自动选择，矩阵乘法速度为 21400 GFLOP/s');
    const words = (await page.locator('.wz-device').innerText()).replaceAll(/NVIDIA GeForce RTX|nvidia-smi|WebGPU|CUDA|GFLOP\/s|GB|softmax|precision|compute/g, '');
    expect(words.match(/[A-Za-z]{3,} [A-Za-z]{3,}/g)).toBeNull();
    await fixture.open('/runs/r-live');
    await expect(page.getByText('在 CUDA 上')).toBeVisible();
  } finally { await fixture.close(); }
});

test('a cache is cleared after a question, and what it freed is said', async () => {
  const fixture = await openFixturePage(), { page } = fixture;
  try {
    await fixture.open('/settings');
    await page.getByRole('button', { name: 'Clear Compiled graphs' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Runs that are at work go on');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('171 MB in 42 files')).toBeVisible();
    await page.getByRole('button', { name: 'Clear Compiled graphs' }).click();
    await dialog.getByRole('button', { name: 'Clear' }).click();
    await expect(page.getByText('171 MB were freed.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Clear Compiled graphs' })).toBeDisabled();
  } finally { await fixture.close(); }
});

test('the memory of a card is a number or nothing, and is kept', async () => {
  const fixture = await openFixturePage({ state: 'card' }), { page } = fixture;
  try {
    await fixture.open('/settings');
    const field = page.getByLabel('Memory of the graphics card');
    await field.fill('much');
    await expect(page.getByText('A number from 0.1 to 10,000, or nothing.')).toBeVisible();
    await field.fill('8.5');
    await expect(page.getByText('A number from 0.1 to 10,000, or nothing.')).toHaveCount(0);
    await page.waitForTimeout(900);
    await fixture.open('/train');
    await fixture.open('/settings');
    await expect(field).toHaveValue('8.5');
  } finally { await fixture.close(); }
});
