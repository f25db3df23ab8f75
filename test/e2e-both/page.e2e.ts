/** The built page runs under its content policy: it mounts, loads its styles and fonts, and the browser has nothing to complain about. */
import { expect, test } from '../support/window.ts';

test('it mounts without an error or a policy violation, also at a page of its own path', async ({ app }) => {
  const { page } = app;
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { violations: seen });
    document.addEventListener('securitypolicyviolation', (e) => { seen.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`); });
  });
  for (const path of ['/', '/runs']) {
    await page.goto(new URL(path, page.url()).href);
    await expect(page.locator('#root')).not.toBeEmpty();
    await expect(page.getByRole('navigation').first()).toBeVisible();
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => (window as unknown as { violations: string[] }).violations)).toEqual([]);
  }
  expect(app.errors).toEqual([]);
  const styled = await page.evaluate(() => getComputedStyle(document.body).fontFamily);
  expect(styled).toContain('Inter');
});
