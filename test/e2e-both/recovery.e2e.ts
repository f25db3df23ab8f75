/** The host may die: it is started again, the page stays and works again. Nothing is left behind at the end. */
import { callHost } from '../support/page-rpc.ts';
import { isAlive, processesOf } from '../support/processes.ts';
import { expect, test } from '../support/window.ts';

const HOST = 'out/main/host.cjs';

test('a killed host is replaced and the page works again', async ({ app }) => {
  await callHost(app, 'system.info');
  const [first] = processesOf(app.home, HOST), marker = await app.page.evaluate(() => { (window as unknown as { marker: number }).marker = 7; return 7; });
  expect(first).toBeDefined();
  process.kill(first!, 'SIGKILL');
  await expect.poll(() => processesOf(app.home, HOST).filter((p) => p !== first).length, { timeout: 15_000 }).toBe(1);
  expect(await callHost(app, 'system.info')).toHaveProperty('version');
  expect(await app.page.evaluate(() => (window as unknown as { marker?: number }).marker), 'the page was not reloaded').toBe(marker);
});

test('at the end no process is left, and the store is released', async ({ app }) => {
  await callHost(app, 'system.info');
  const all = processesOf(app.home, 'out/main/');
  expect(all.length).toBeGreaterThan(0);
  await app.close();
  await expect.poll(() => all.filter(isAlive), { timeout: 10_000 }).toEqual([]);
});

test('nothing but our own page is asked for', async ({ app }) => {
  const seen: string[] = [];
  app.page.on('request', (r) => seen.push(r.url()));
  app.page.on('websocket', (w) => seen.push(w.url()));
  await app.page.reload();
  await callHost(app, 'system.info');
  await app.page.waitForTimeout(1000);
  const own = app.serve === undefined ? /^(anneal:\/\/app\/|blob:anneal|data:)/ : new RegExp(`^(http|ws)://127\\.0\\.0\\.1:${new URL(app.serve.link).port}/|^blob:|^data:`);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter((url) => !own.test(url))).toEqual([]);
});
