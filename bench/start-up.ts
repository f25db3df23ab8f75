/**
 * From `npm start` (after the build) to a window that answers: navigation and the first page's heading are there, which it shows once the host has answered. Also the memory of an idle host.
 * Electron is reached over its debugging port, through a launcher in front of the binary. Needs an Electron, a display and the build.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { processesOf } from '../test/support/processes.ts';
import type { Benchmark, Figure } from './figure.ts';

const ROOT = join(import.meta.dirname, '..'), REPEATS = 5, MOST_MS = 2500, MOST_MB = 250;

const freePort = (): Promise<number> => new Promise((resolve) => {
  const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address() as { port: number }; s.close(() => { resolve(port); }); });
});

async function once(): Promise<{ ms: number; hostMb: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-start-')), dist = join(folder, 'dist'), home = join(folder, 'home'), port = await freePort();
  mkdirSync(dist);
  writeFileSync(join(dist, 'electron'), `#!/bin/sh\nexec ${join(process.env['ANNEAL_TEST_ELECTRON'] ?? join(ROOT, '.cache/electron-25.1.1'), 'electron')} --remote-debugging-port=${port} "$@"\n`);
  chmodSync(join(dist, 'electron'), 0o755);
  const started = performance.now();
  const child = spawn('npm', ['start'], { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: dist, ANNEAL_HOME: home }, detached: true });
  try {
    await whenUsable(port, started);
    const ms = performance.now() - started;
    await delay(3000); // idle
    const [host] = processesOf(home, 'out/main/host.cjs');
    const hostMb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${host}/status`, 'utf8'))?.[1]) / 1024;
    return { ms, hostMb };
  } finally {
    const ended = new Promise((r) => { child.once('exit', r); });
    process.kill(-(child.pid as number), 'SIGTERM'); // the group: npm, the script, Electron
    await Promise.race([ended, delay(10_000)]);
    await delay(500);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Waits until the page's navigation is there. By the bare protocol: Playwright can't attach to an Electron that it did not start. */
async function whenUsable(port: number, started: number): Promise<void> {
  for (;;) {
    if (performance.now() - started > 30_000) throw new Error('The window did not appear within 30 s.');
    try {
      const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json() as { url: string; webSocketDebuggerUrl: string }[];
      const page = targets.find((t) => t.url.startsWith('anneal://app'));
      if (page && await evaluate(page.webSocketDebuggerUrl, "document.querySelector('nav') !== null && document.querySelector('main h1') !== null && document.querySelector('main [aria-busy=true]') === null")) return;
    } catch { /* not yet */ }
    await delay(20);
  }
}

function evaluate(url: string, expression: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.once('open', () => { ws.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } })); });
    ws.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString('utf8')) as { id?: number; result?: { result: { value?: unknown } } };
      if (answer.id !== 1) return;
      ws.close();
      resolve(answer.result?.result.value === true);
    });
    ws.once('error', reject);
  });
}

const middle = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

export const startUp: Benchmark = {
  id: 'start-up',
  run: async (say) => {
    if (process.platform !== 'linux') throw new Error('This benchmark reads /proc: Linux only.');
    if (process.env['DISPLAY'] === undefined) throw new Error('This benchmark opens windows: run it as `xvfb-run -a npm run bench -- start-up` where there is no display.');
    const all: { ms: number; hostMb: number }[] = [];
    for (let i = 0; i <= REPEATS; i++) {
      const m = await once();
      say(`${i === 0 ? 'first (may build; not counted)' : i}: ${m.ms.toFixed(0)} ms, host ${m.hostMb.toFixed(0)} MB`);
      if (i > 0) all.push(m);
    }
    const figures: Figure[] = [
      { name: 'npm start to a usable window', value: middle(all.map((m) => m.ms)), unit: 'ms', target: { at: 'most', value: MOST_MS }, detail: { all_ms: all.map((m) => Math.round(m.ms)) } },
      { name: 'resident memory of an idle host', value: middle(all.map((m) => m.hostMb)), unit: 'MB', target: { at: 'most', value: MOST_MB } },
    ];
    return figures;
  },
};
