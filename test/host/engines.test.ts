/** The pool of engines: one of a kind, started on demand, shared, ended when idle; one that does not start says why. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Engines } from '../../src/main/host/engines.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import type { Spawner } from '../../src/main/supervise/spawner.ts';
import { fakeEngines } from '../support/host.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined, tail: () => [] };
let engines: Engines | undefined;
afterEach(async () => { await engines?.close(); engines = undefined; });
const sleep = (ms: number): Promise<void> => new Promise((r) => { setTimeout(r, ms); });

test('shared while in use, ended when idle, started again', async () => {
  engines = new Engines({ spawner: fakeEngines(), log, idleMs: { data: 80 } });
  const [a, b] = await Promise.all([engines.acquire('data'), engines.acquire('data')]);
  expect(a.pid).toBe(b.pid);
  expect(engines.status().engines).toMatchObject([{ kind: 'data', state: 'busy', pid: a.pid }]);
  a.done();
  a.done();
  await sleep(150);
  expect(engines.status().engines).toHaveLength(1);
  b.done();
  expect(engines.status().engines).toMatchObject([{ state: 'idle' }]);
  expect(await a.exited).toMatchObject({ code: 0 });
  expect(engines.status().engines).toEqual([]);
  const c = await engines.acquire('data');
  expect(c.pid).not.toBe(a.pid);
  c.done();
});

test('different kinds are different processes; one may die without the other', async () => {
  engines = new Engines({ spawner: fakeEngines(), log });
  const train = await engines.acquire('train'), data = await engines.acquire('data');
  expect(train.pid).not.toBe(data.pid);
  train.kill();
  expect((await train.exited).signal).toBe('SIGKILL');
  expect(await data.api.engine.usage({})).toMatchObject({ connections: 0 });
  await expect(engines.use('train', async (api) => { (await engines?.acquire('train'))?.kill(); await sleep(100); return api.engine.usage({}); })).rejects.toMatchObject({ code: 'engine-crashed' });
  train.done();
  data.done();
});

test('one that exits at once, and one that never answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-engines-'));
  const broken = join(folder, 'broken.mjs'), silent = join(folder, 'silent.mjs');
  writeFileSync(broken, 'console.error("the library is missing"); process.exit(7);');
  writeFileSync(silent, 'process.on("message", () => {}); setInterval(() => {}, 1000);');
  const from = (file: string): Spawner => nodeSpawner({ entryFile: () => file });
  engines = new Engines({ spawner: from(broken), log });
  await expect(engines.acquire('data')).rejects.toMatchObject({ code: 'engine-start', message: expect.stringContaining('the library is missing') as string });
  await engines.close();
  engines = new Engines({ spawner: from(silent), log, startMs: 300 });
  await expect(engines.acquire('data')).rejects.toMatchObject({ code: 'engine-start', message: 'The data engine did not answer within 0.3 s of its start.' });
  await engines.close();
  await expect(engines.acquire('data')).rejects.toMatchObject({ code: 'unavailable' });
  rmSync(folder, { recursive: true, force: true });
});
