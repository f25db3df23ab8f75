/** Closing the window while something trains: asked once, with three answers; the machine stays awake meanwhile. An engine that dies takes nothing with it. */
import { spawn } from 'node:child_process';
import { startLongRun } from '../support/long-run.ts';
import { callHost } from '../support/page-rpc.ts';
import { isAlive, processesOf } from '../support/processes.ts';
import { startServe } from '../support/serve-process.ts';
import { expect, removeHome, REPOSITORY, startElectron, temporaryHome, test } from '../support/window.ts';
import type { App } from '../support/window.ts';

/** Answers the next question with a button (0 keep, 1 stop, 2 cancel), closes the window, and tells what was asked. */
const closeAndAnswer = (app: App, response: number): Promise<string[]> => app.electron!.evaluate(async ({ BrowserWindow, dialog }, button) => {
  const asked: string[] = [];
  (dialog as { showMessageBox: unknown }).showMessageBox = (_window: unknown, options: { message: string; buttons: string[] }) => { asked.push(options.message, ...options.buttons); return Promise.resolve({ response: button }); };
  BrowserWindow.getAllWindows()[0]!.close();
  await new Promise((r) => { setTimeout(r, 300); });
  return asked;
}, response);
const visible = (app: App): Promise<boolean[]> => app.electron!.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((w) => w.isVisible()));

test('cancel stays, keep running hides the window and trains on, stop safely saves and ends', async () => {
  test.setTimeout(240_000);
  const home = temporaryHome(), app = await startElectron(home);
  const run = await startLongRun(app);
  await expect.poll(() => app.electron!.evaluate(({ powerSaveBlocker }) => powerSaveBlocker.isStarted(0) || powerSaveBlocker.isStarted(1))).toBe(true);

  expect(await closeAndAnswer(app, 2)).toEqual(['A run is still in work.', 'Keep running', 'Stop safely', 'Cancel']);
  expect(await visible(app)).toEqual([true]);

  await closeAndAnswer(app, 0);
  expect(await visible(app)).toEqual([false]);
  const before = (await run.status()).step;
  await expect.poll(async () => (await run.status()).step, { timeout: 30_000 }).toBeGreaterThan(before);
  const second = spawn(app.electron!.process().spawnfile, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), REPOSITORY], { env: { ...process.env, ANNEAL_HOME: home, ANNEAL_ENGINE_NODE: process.execPath }, stdio: 'ignore' });
  await new Promise((r) => { second.once('exit', r); });
  await expect.poll(() => visible(app)).toEqual([true]);

  const processes = processesOf(home, 'out/main/'), gone = new Promise((r) => { app.electron!.process().once('exit', r); });
  await closeAndAnswer(app, 1).catch(() => { /* it ended while answering */ });
  await gone;
  await expect.poll(() => processes.filter(isAlive), { timeout: 15_000 }).toEqual([]);

  const again = await startElectron(home);
  const after = await callHost(again, 'runs.get', { id: run.id }) as { status: string; step: number };
  expect(after.step).toBeGreaterThanOrEqual(before);
  expect(await callHost(again, 'runs.checkpoints', { id: run.id })).not.toEqual([]);
  await again.close();
  removeHome(home);
});

test('a data folder that another Anneal uses is told in the window, and works once it is free', async () => {
  const home = temporaryHome(), serve = await startServe(home), app = await startElectron(home);
  await expect(app.page.locator('#root')).toContainText('Another Anneal', { timeout: 20_000 });
  await serve.stop();
  await app.page.getByRole('button', { name: /again|restart/i }).first().click();
  await expect(app.page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 20_000 });
  await app.close();
  removeHome(home);
});

test('a killed engine leaves window and host alive, and the run goes on', async ({ app }) => {
  test.setTimeout(180_000);
  const run = await startLongRun(app), engines = processesOf(app.home, 'out/main/engine.cjs'), hosts = processesOf(app.home, 'out/main/host.cjs');
  expect(engines.length).toBeGreaterThan(0);
  for (const pid of engines) process.kill(pid, 'SIGKILL');
  await expect.poll(async () => (await run.status()).status, { timeout: 60_000 }).toBe('running');
  await expect.poll(() => processesOf(app.home, 'out/main/engine.cjs').some((p) => !engines.includes(p)), { timeout: 60_000 }).toBe(true);
  expect(processesOf(app.home, 'out/main/host.cjs')).toEqual(hosts);
  expect(await visible(app)).toEqual([true]);
});
