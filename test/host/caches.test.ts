/** Caches: their size is that of the files, clearing frees it, an unfinished file of a run at work stays, and a run goes on afterwards. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeRoot, testHost, until, writeInputs, type TestHost } from '../support/host.ts';

let t: TestHost;
beforeAll(async () => { t = await testHost(); });
afterAll(async () => { await t.close(); removeRoot(t); });
const put = (cache: string, name: string, bytes: number): string => { const folder = join(t.home, 'cache', cache), path = join(folder, name); mkdirSync(folder, { recursive: true }); writeFileSync(path, Buffer.alloc(bytes)); return path; };

test('nothing kept is nothing, not an error', async () => {
  expect(await t.api.caches.list()).toEqual([{ cache: 'graphs', files: 0, bytes: 0 }, { cache: 'int8', files: 0, bytes: 0 }, { cache: 'reference', files: 0, bytes: 0 }]);
  expect(await t.api.caches.clear({ cache: 'graphs' })).toEqual({ cache: 'graphs', files: 0, bytes: 0 });
});

test('one cache is cleared, the other one and unfinished files stay', async () => {
  const graph = put('graphs', 'a.graph', 1000), part = put('graphs', 'b.graph-77.part', 500), scores = put('reference', '0123abcd', 300);
  expect(await t.api.caches.list()).toEqual([{ cache: 'graphs', files: 1, bytes: 1000 }, { cache: 'int8', files: 0, bytes: 0 }, { cache: 'reference', files: 1, bytes: 300 }]);
  expect(await t.api.caches.clear({ cache: 'graphs' })).toEqual({ cache: 'graphs', files: 1, bytes: 1000 });
  expect([graph, part, scores].map((p) => existsSync(p))).toEqual([false, true, true]);
  await expect(t.api.caches.clear({ cache: 'all' as 'graphs' })).rejects.toMatchObject({ code: 'bad-request' });
});

test('clearing while a run is at work does not disturb it', async () => {
  const { model, data } = writeInputs(t.work);
  const run = await t.api.runs.create({ recipe: { method: 'sft', model, data: { train: data }, train: { max_steps: 30 } } });
  put('graphs', 'c.graph', 10);
  await until(t.api, run.id, 'running', 'completed');
  expect((await t.api.caches.clear({ cache: 'graphs' })).files).toBe(1);
  expect((await until(t.api, run.id, 'completed', 'failed')).status).toBe('completed');
});
