/** What pages do with much data and little room: tables, charts, small and large windows. Over invented data. */
import { expect, test } from '@playwright/test';
import { openFixturePage } from '../support/fixture-page.ts';
import type { FixturePage } from '../support/fixture-page.ts';

const PAGES = ['/', '/datasets', '/datasets/support', '/train', '/runs', '/runs/r-live', '/runs/r-nan', '/runs/r-cut', '/compare', '/settings'];

/** Elements that stick out of the page to the right, or a page that scrolls sideways. */
const sticksOut = ({ page }: FixturePage): Promise<string[]> => page.evaluate(() => {
  const main = document.getElementById('main');
  if (!main) return ['no main'];
  const edge = main.getBoundingClientRect().right + 1, out = main.scrollWidth > main.clientWidth + 1 ? [`main scrolls to ${main.scrollWidth} of ${main.clientWidth}`] : [];
  for (const e of main.querySelectorAll('button, input, select, textarea, a, h1, h2, p, td, th')) {
    const box = e.getBoundingClientRect();
    if (box.width > 0 && box.right > edge && e.closest('.visually-hidden, .runs-wide, .chart-table') === null) out.push(`${e.tagName} "${(e.textContent ?? '').slice(0, 30)}" ends at ${Math.round(box.right)} of ${Math.round(edge)}`);
  }
  return out.slice(0, 5);
});

for (const [name, size] of [['1024 x 700', { width: 1024, height: 700 }], ['1320 x 860', { width: 1320, height: 860 }], ['at 200 %', { width: 660, height: 430 }], ['2560 x 1440', { width: 2560, height: 1440 }]] as const) {
  for (const language of ['en', 'zh-CN'] as const) {
    test(`nothing sticks out in a window of ${name}, ${language}`, async () => {
      const f = await openFixturePage({ language }, size);
      for (const path of PAGES) {
        await f.open(path);
        await f.page.waitForTimeout(250);
        expect(await sticksOut(f), path).toEqual([]);
      }
      await f.close();
    });
  }
}

test('ten thousand runs: rows of 28 px, few in the page, every action in reach', async () => {
  const f = await openFixturePage({ pastRuns: 10_000 }), rows = f.page.getByRole('table', { name: 'Runs' }).locator('.trow');
  await f.open('/runs');
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(120);
  expect((await rows.nth(2).boundingBox())?.height).toBe(28);
  const table = await f.page.locator('.table').evaluate((e) => ({ wide: e.scrollWidth, room: e.clientWidth }));
  expect(table.wide).toBeLessThanOrEqual(table.room);
  await expect(rows.first().getByRole('button').last()).toBeInViewport();
  await rows.first().focus();
  await f.page.keyboard.press('End');
  await expect(f.page.locator('.trow:focus')).toContainText('past run 9999');
  await f.close();
});

test('the crosshair of the main chart is shown by every chart of the run', async () => {
  const f = await openFixturePage();
  await f.open('/runs/r-done');
  const main = f.page.locator('.chart').first(), small = f.page.locator('.run-small .card');
  await expect(small.locator('canvas')).toHaveCount(5);
  const before = await small.locator('.v').allTextContents();
  const box = await main.boundingBox();
  await f.page.mouse.move((box?.x ?? 0) + 120, (box?.y ?? 0) + 90);
  await expect(f.page.locator('.chart-tip')).toBeVisible();
  await expect(small.getByText('at the crosshair')).toHaveCount(5);
  expect(await small.locator('.v').allTextContents()).not.toEqual(before);
  await f.page.mouse.move(5, 5);
  await expect(small.getByText('at the crosshair')).toHaveCount(0);
  await main.focus();
  await f.page.keyboard.press('Home');
  await expect(small.getByText('at the crosshair'), 'by keyboard too').toHaveCount(5);
  await f.close();
});
