/** An idle host is small: no onnxruntime in the process, under 250 MB, no connection tried; a locked data folder ends it with a sentence. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/main/store/open.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { contract } from '../../src/shared/contract.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { writeInputs } from '../support/host.ts';

const MB = 1e6;

test('idle', { timeout: 30_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'anneal-idle-'));
  const child = nodeSpawner().spawn({ entry: 'host', name: 'host', env: { ANNEAL_HOME: join(root, 'home'), ANNEAL_RESOURCES: join(root, 'none'), ANNEAL_OFFLINE: 'refuse' } });
  try {
    const { api, hello } = createClient(contract, child.open('app'));
    expect((await hello).version).toBe('0.1.0');
    const { data } = writeInputs(root, 2000);
    expect((await api.datasets.import({ path: data })).rows).toBe(2000);
    expect(await api.runs.list()).toEqual([]);
    for await (const status of api.system.watch()) {
      expect(status.rss).toBeLessThan(250 * MB);
      expect(status.rss).toBeGreaterThan(20 * MB);
      expect(status).toMatchObject({ engines: [], connections: 0, live_run: null, queued: 0 });
      break;
    }
    if (existsSync(`/proc/${child.pid ?? 0}/maps`)) expect(readFileSync(`/proc/${child.pid ?? 0}/maps`, 'utf8')).not.toContain('onnxruntime');
  } finally {
    const gone = new Promise((resolve) => { child.onExit(resolve); });
    child.release();
    expect(await gone).toMatchObject({ code: 0, reason: 'clean' });
    rmSync(root, { recursive: true, force: true });
  }
});

test('a data folder in use', { timeout: 30_000 }, async () => {
  const home = mkdtempSync(join(tmpdir(), 'anneal-locked-')), store = openStore(home);
  try {
    const child = nodeSpawner().spawn({ entry: 'host', name: 'host', env: { ANNEAL_HOME: home } });
    const exit = await new Promise<{ code: number | null; tail: string[] }>((resolve) => { child.onExit(resolve); });
    expect(exit).toMatchObject({ code: 3, tail: [`error store-locked: Another Anneal (process ${process.pid}) uses this data folder: close it, or pick another folder with --home.`] });
  } finally { store.close(); rmSync(home, { recursive: true, force: true }); }
});
