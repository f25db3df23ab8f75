/**
 * Window tests: `app` is a started Anneal with an empty data folder, in Chromium against `serve` or in Electron, by the project that runs the test.
 * A journey that uses only `app.page` runs in both (test/e2e-both). Needs the build in out/; npm test makes it.
 */
import { _electron, chromium, expect, test as base } from '@playwright/test';
import type { Browser, ElectronApplication, Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServe } from './serve-process.ts';
import type { ServeProcess } from './serve-process.ts';

export type Face = 'chromium' | 'electron';
export interface WindowOptions { face: Face }
export interface App {
  page: Page;
  face: Face;
  /** The data folder of this start. */
  home: string;
  /** What the page logged as an error, and what it threw. */
  errors: string[];
  /** Only in Electron. */
  electron?: ElectronApplication;
  /** Only in Chromium. */
  serve?: ServeProcess;
  browser?: Browser;
  close(): Promise<void>;
}

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
/** Chromium's own errands (updates, safe browsing, field trials) off: a test asserts that nothing goes out. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-domain-reliability', '--disable-sync', '--no-pings', '--no-first-run', '--no-default-browser-check', '--disable-features=OptimizationHints,MediaRouter,Translate'];
const ROOT = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (m) => { if (m.type() === 'error') errors.push(m.text()); });
  page.on('pageerror', (e) => errors.push(String(e)));
  return errors;
}

export async function startChromium(home: string): Promise<App> {
  const serve = await startServe(home);
  const browser = await chromium.launch(CHROMIUM());
  const page = await browser.newPage({ viewport: { width: 1320, height: 860 } }), errors = watchErrors(page);
  await page.goto(serve.link);
  return { page, face: 'chromium', home, errors, serve, browser, close: async () => { await browser.close(); await serve.stop(); } };
}

export async function startElectron(home: string, env: Record<string, string> = {}): Promise<App> {
  const { ELECTRON_RUN_AS_NODE: _unused, ...rest } = process.env;
  const electron = await _electron.launch({
    executablePath: join(needed('ANNEAL_TEST_ELECTRON', join(REPOSITORY, '.cache/electron-25.1.1')), 'electron'), args: [...ROOT, REPOSITORY], cwd: REPOSITORY,
    env: { ...rest as Record<string, string>, ANNEAL_HOME: home, ANNEAL_ENGINE_NODE: process.execPath, ...env },
  });
  const page = await electron.firstWindow(), errors = watchErrors(page);
  await page.waitForLoadState();
  const close = async (): Promise<void> => {
    // A run that is still in work would make it ask; nobody is there to answer.
    await electron.evaluate(({ dialog }) => { dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false }); }).catch(() => { /* closed already */ });
    await electron.close().catch(() => { /* closed already */ });
  };
  return { page, face: 'electron', home, errors, electron, close };
}

export const CHROMIUM = (): { executablePath: string; args: string[] } => ({ executablePath: needed('ANNEAL_CHROMIUM', '/usr/bin/chromium'), args: [...QUIET, ...ROOT] });

function needed(name: string, fallback: string): string {
  const value = process.env[name];
  return value === undefined || value === '' ? fallback : value;
}

export const temporaryHome = (): string => mkdtempSync(join(tmpdir(), 'anneal-test-'));
export const removeHome = (home: string): void => { rmSync(home, { recursive: true, force: true, maxRetries: 5 }); };

export const test = base.extend<{ app: App }, WindowOptions>({
  face: ['chromium', { option: true, scope: 'worker' }],
  app: async ({ face }, use, info) => {
    const home = temporaryHome();
    const app = face === 'electron' ? await startElectron(home) : await startChromium(home);
    // Connected: before that a reload would tear the page down with a port on its way, which Chromium 114 does not survive.
    await expect(app.page.getByText(/^Offline, 0/).first()).toBeVisible({ timeout: 30_000 });
    await use(app);
    if (info.status !== info.expectedStatus) await info.attach('page', { body: await app.page.screenshot().catch(() => Buffer.alloc(0)), contentType: 'image/png' });
    await app.close();
    removeHome(home);
  },
});
export { expect } from '@playwright/test';
