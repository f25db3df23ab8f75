/** The system's own dialogs and the end of the session, with the dialogs answered by the test in the main process: a picked file may be read wherever it lies, a recipe is saved where the person wants it, and a session that ends saves within its time. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLongRun } from '../support/long-run.ts';
import { callHost } from '../support/page-rpc.ts';
import { isAlive, processesOf } from '../support/processes.ts';
import { expect, removeHome, startElectron, temporaryHome, test } from '../support/window.ts';
import type { App } from '../support/window.ts';

/** Answers every dialog that asks for a file with this path (null: cancelled). */
const answerWith = (app: App, path: string | null): Promise<void> => app.electron!.evaluate(({ dialog }, given) => {
  Object.assign(dialog, {
    showOpenDialog: () => Promise.resolve({ canceled: given === null, filePaths: given === null ? [] : [given] }),
    showSaveDialog: () => Promise.resolve({ canceled: given === null, filePath: given ?? '' }),
  });
}, path);
const link = (app: App, name: string) => app.page.getByRole('navigation').getByRole('link', { name: new RegExp(`^${name}`) });

test('a file picked in the system dialog may be read, also outside of the usual folders', async ({ app }) => {
  const outside = mkdtempSync('/var/tmp/anneal-picked-'), file = join(outside, 'asked.jsonl');
  writeFileSync(file, '{"messages":[{"role":"user","content":"Who asked?"},{"role":"assistant","content":"I did."}]}\n');
  await expect(callHost(app, 'datasets.inspect', { path: file }), 'unasked it stays closed').rejects.toThrow('path-not-allowed');
  await link(app, 'Datasets').click();
  await app.page.getByRole('button', { name: /Import a dataset/ }).first().click();
  await answerWith(app, null);
  await app.page.getByRole('button', { name: 'System dialog…' }).click();
  await expect(app.page.getByRole('button', { name: 'System dialog…' }), 'a changed mind changes nothing').toBeVisible();
  await answerWith(app, file);
  await app.page.getByRole('button', { name: 'System dialog…' }).click();
  await expect(app.page.getByRole('dialog').getByText('Who asked?')).toBeVisible();
  rmSync(outside, { recursive: true });
});

test('a recipe is saved where the person says', async ({ app }) => {
  const file = join(mkdtempSync(join(tmpdir(), 'anneal-saved-')), 'mine.yaml');
  await link(app, 'Train').click();
  await app.page.getByRole('button', { name: 'Recipe YAML' }).click();
  await app.page.getByRole('textbox', { name: /YAML|recipe/i }).fill('method: sft\nmodel: mine\n');
  await answerWith(app, file);
  await app.page.getByRole('dialog').getByRole('button', { name: /^Save/ }).click();
  await expect.poll(() => (existsSync(file) ? readFileSync(file, 'utf8') : '')).toBe('method: sft\nmodel: mine\n');
});

test('when the session ends, the run is saved and everything has gone within ten seconds', async () => {
  test.setTimeout(180_000);
  const home = temporaryHome(), app = await startElectron(home), run = await startLongRun(app);
  const processes = processesOf(home, 'out/main/'), gone = new Promise((r) => { app.electron!.process().once('exit', r); });
  const began = Date.now(), { step } = await run.status();
  await app.electron!.evaluate(({ powerMonitor }) => { powerMonitor.emit('shutdown'); }).catch(() => { /* it may end while answering */ });
  await gone;
  expect(Date.now() - began).toBeLessThan(10_000);
  await expect.poll(() => processes.filter(isAlive), { timeout: 5000 }).toEqual([]);

  const again = await startElectron(home), after = await callHost(again, 'runs.get', { id: run.id }) as { status: string; step: number; durable_step: number };
  expect(after.status).toBe('interrupted');
  expect(after.durable_step, 'the step under way was finished and saved').toBeGreaterThanOrEqual(step);
  await again.close();
  removeHome(home);
});
