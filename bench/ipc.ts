/**
 * 10,000 metric events from a host-like process to the page, with one commit a frame, over each real way: Electron with a plain Node child, Electron with a utility process, Chromium over a WebSocket.
 * Time runs from opening the stream to the frame that shows the last event. Needs what the window tests need (Chromium, an Electron, a display).
 */
import { _electron, chromium } from '@playwright/test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinChannels } from '../src/shared/rpc/channel.ts';
import { nodeSpawner } from '../src/main/supervise/spawn-node.ts';
import { startPageServer } from '../src/main/web/page-server.ts';
import type { Benchmark, Figure } from './figure.ts';
import type { Measured } from './ipc/page.ts';

const ROOT = join(import.meta.dirname, '..'), OUT = join(ROOT, '.cache/bench-ipc');
const TOTAL = 10_000, BATCH = 100, REPEATS = 7, MOST_MS = 150;
const SANDBOX = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
type Page = { evaluate: <T>(fn: (a: [number, number]) => T | Promise<T>, a: [number, number]) => Promise<T> };

async function repeat(page: Page): Promise<Measured[]> {
  const all: Measured[] = [];
  for (let i = 0; i < REPEATS; i++) all.push(await page.evaluate((a) => (window as unknown as { measure: (t: number, b: number) => Promise<Measured> }).measure(...a), [TOTAL, BATCH]));
  return all;
}

async function inElectron(spawner: 'node' | 'utility'): Promise<Measured[]> {
  const dist = process.env['ANNEAL_TEST_ELECTRON'] ?? join(ROOT, '.cache/electron-25.1.1'), app = join(OUT, 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'bench', version: '0.0.0', main: '../main/desktop.cjs' }));
  const electron = await _electron.launch({ executablePath: join(dist, 'electron'), args: [...SANDBOX, app], env: { ...process.env as Record<string, string>, ANNEAL_ENGINE_NODE: process.execPath, ANNEAL_BENCH_SPAWNER: spawner } });
  try {
    const page = await electron.firstWindow();
    await page.waitForFunction(() => 'measure' in window);
    return await repeat(page);
  } finally { await electron.close(); }
}

async function inChromium(): Promise<Measured[]> {
  const child = nodeSpawner({ entryFile: () => join(OUT, 'main/child.cjs') }).spawn({ entry: 'host', name: 'bench' });
  const server = await startPageServer({ root: join(OUT, 'renderer'), port: 0, onPage: (page) => { joinChannels(page, child.open('app')); } });
  const browser = await chromium.launch({ executablePath: process.env['ANNEAL_CHROMIUM'] ?? '/usr/bin/chromium', args: SANDBOX });
  try {
    const page = await browser.newPage();
    await page.goto(server.link);
    await page.waitForFunction(() => 'measure' in window);
    return await repeat(page);
  } finally { await browser.close(); await server.close(); child.release(); }
}

function figure(way: string, measured: Measured[]): Figure {
  const sorted = measured.map((m) => m.ms).sort((a, b) => a - b), last = measured.at(-1);
  if (measured.some((m) => m.received !== TOTAL)) throw new Error(`${way}: events were lost`);
  return {
    name: `10,000 events to the page, ${way}`, value: sorted[sorted.length >> 1] ?? NaN, unit: 'ms', target: { at: 'most', value: MOST_MS },
    detail: { all_ms: sorted.map((x) => Number(x.toFixed(1))), commits: last?.commits ?? 0, frames: last?.frames ?? 0, ping_p50_ms: Number((last?.ping_p50_ms ?? NaN).toFixed(2)), ping_p99_ms: Number((last?.ping_p99_ms ?? NaN).toFixed(2)), batch: BATCH },
  };
}

export const ipc: Benchmark = {
  id: 'ipc',
  run: async (say) => {
    if (process.platform === 'linux' && process.env['DISPLAY'] === undefined) throw new Error('This benchmark opens windows: run it as `xvfb-run -a npm run bench -- ipc` where there is no display.');
    say('building the small program ...');
    const built = spawnSync(process.execPath, [join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'error', '-c', 'bench/ipc/electron.vite.config.ts'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    if (built.status !== 0) throw new Error('The build failed.');
    const figures: Figure[] = [];
    for (const [way, measure] of [['Electron, Node child', () => inElectron('node')], ['Electron, utility process', () => inElectron('utility')], ['Chromium, WebSocket', inChromium]] as const) {
      say(way);
      figures.push(figure(way, await measure()));
    }
    return figures;
  },
};
