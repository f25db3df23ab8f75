/** In the Chinese window everything that is ours is Chinese: labels, log lines, errors of the host. What is data (prompts, rows, YAML) stays as it is. */
import { expect, test } from '@playwright/test';
import { openFixturePage } from '../support/fixture-page.ts';

const PAGES = ['/', '/models', '/models/tiny', '/datasets', '/datasets/support', '/runs', '/runs/r-live', '/runs/r-nan', '/runs/r-cut', '/runs/r-paused', '/compare', '/train', '/settings'];
/** Elements whose words are ours, in words of two or more with a space between. */
const OURS = '.run-log span, .run-answer, .note, [role=alert], .empty, .crumb, header h2, .field .help, .field label, button, .kv dt, .item .small';

for (const state of ['full', 'failed'] as const) {
  test(`${state}: no English sentence of ours`, async () => {
    const fixture = await openFixturePage({ state, language: 'zh-CN' }), { page } = fixture;
    const found: string[] = [];
    try {
      for (const path of PAGES) {
        await fixture.open(path);
        await page.waitForTimeout(700);
        found.push(...(await page.evaluate((ours) => {
          const english = (text: string): boolean => /[A-Za-z]{3,} [a-z]{2,}/.test(text) && !/[\u4e00-\u9fff]/.test(text);
          const labels = [...document.querySelectorAll('[aria-label],[placeholder]')].flatMap((el) => [el.getAttribute('aria-label'), el.getAttribute('placeholder')]).filter((t): t is string => t !== null && (english(t) || t === 'breadcrumb'));
          return [...labels, ...[...document.querySelectorAll(ours)].map((el) => el.textContent.trim()).filter(english)];
        }, OURS)).map((text) => `${path}: ${text.slice(0, 160)}`));
      }
      expect([...new Set(found)]).toEqual([]);
    } finally { await fixture.close(); }
  });
}
