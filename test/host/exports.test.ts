/** Exports as the host runs them: refusals before, progress, cancel, and nothing half-written whatever dies. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportRecord } from '../../src/shared/schema/export.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { removeRoot, testHost, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';
import { writeRealModel } from '../support/real-model.ts';

let t: TestHost, free = 1e12;
const modelId: Record<string, string> = {};
beforeAll(async () => {
  t = await testHost({ freeBytes: () => Promise.resolve(free) });
  const { model } = writeInputs(t.work);
  modelId['plain'] = (await t.api.models.import({ path: model, name: 'plain' })).id;
  mkdirSync(join(t.work, 'other'));
  writeFileSync(join(t.work, 'other', 'config.json'), '{"model_type":"llama"}');
  modelId['crash'] = (await t.api.models.import({ path: join(t.work, 'other'), name: 'crash' })).id;
});
afterAll(async () => { await t.close(); removeRoot(t); });

const choice = (name = 'plain', format: 'hf' | 'gguf' = 'hf') => ({ model_id: modelId[name] ?? '', checkpoint_id: null, format });
async function ended(host: TestHost, id: string): Promise<ExportRecord> {
  for await (const change of host.api.changes.watch({})) if (change.topic === 'export' && change.id === id && change.record && change.record.status !== 'running') return change.record;
  throw new Error('the watch ended');
}
const hidden = (folder: string): string[] => readdirSync(folder).filter((n) => n.startsWith('.anneal'));

test('plan: what it needs, and whether it fits there', async () => {
  expect(await t.api.exports.plan(choice())).toMatchObject({ type: 'BF16', bytes: 1000, free: null, fits: true });
  expect(await t.api.exports.plan({ ...choice(), out: join(t.work, 'a') })).toMatchObject({ free: 1e12, fits: true });
  free = 500;
  try { expect(await t.api.exports.plan({ ...choice(), out: join(t.work, 'a') })).toMatchObject({ free: 500, fits: false }); } finally { free = 1e12; }
  await expect(t.api.exports.plan({ ...choice(), type: 'Q8_0' })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('cannot hold Q8_0') as string });
});

test('start: written, proved, recorded, told; the record can be forgotten and the files stay', async () => {
  const out = join(t.work, 'exported'), started = await t.api.exports.start({ ...choice(), out });
  expect(started).toMatchObject({ status: 'running', path: out, model_name: 'plain', checkpoint_id: null, bytes: 1000 });
  const done = await ended(t, started.id);
  expect(done).toMatchObject({ status: 'done', progress: 1, proof: { passed: true }, peak_rss: { total: 2 }, error: null, files: [{ name: 'model.bin', bytes: 500 }] });
  expect(readdirSync(out)).toEqual(['model.bin']);
  expect((await t.api.exports.list()).map((e) => e.id)).toContain(done.id);
  expect(await t.api.exports.remove({ id: done.id })).toEqual({ ok: true });
  expect((await t.api.exports.list()).map((e) => e.id)).not.toContain(done.id);
  expect(existsSync(join(out, 'model.bin'))).toBe(true);
});

test('refused before anything is written: no room, a folder with files, no parent, a hidden name', async () => {
  const refused = (out: string): Promise<unknown> => t.api.exports.start({ ...choice(), out });
  free = 10_000;
  try { await expect(refused(join(t.work, 'b'))).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining('needs 1.00 kB') as string }); } finally { free = 1e12; }
  await expect(refused(join(t.work, 'other'))).rejects.toMatchObject({ code: 'conflict' });
  await expect(refused(join(t.work, 'nowhere', 'b'))).rejects.toMatchObject({ code: 'file-not-found', message: expect.stringContaining('"nowhere"') as string });
  await expect(refused(join(t.work, '.b'))).rejects.toMatchObject({ code: 'path-not-allowed' });
  expect(existsSync(join(t.work, 'b'))).toBe(false);
  expect(hidden(t.work)).toEqual([]);
});

test('an engine that is killed on the way leaves nothing, and the record says so', async () => {
  const { id } = await t.api.exports.start({ ...choice('crash'), out: join(t.work, 'c') }), record = await ended(t, id);
  expect(record).toMatchObject({ status: 'failed', error: { code: 'engine-crashed' } });
  expect(hidden(t.work)).toEqual([]);
  expect(existsSync(join(t.work, 'c'))).toBe(false);
});

test('what a dead host left behind goes at the next start', async () => {
  const { id } = await t.api.exports.start({ ...choice(), out: join(t.work, 'd') }), record = await ended(t, id), left = join(t.work, `.anneal-${id}`);
  // As a host leaves it that was killed while it wrote.
  t.host.context.store.exports.put({ ...record, status: 'running', ended_at: null, path: join(t.work, 'e') });
  mkdirSync(left);
  writeFileSync(join(left, 'model.bin'), 'half');
  await t.close();
  const root = join(t.home, '..');
  t = await testHost({ freeBytes: () => Promise.resolve(free) }, root);
  expect((await t.api.exports.list()).find((e) => e.id === id)).toMatchObject({ status: 'failed', error: { code: 'unavailable' } });
  expect(existsSync(left)).toBe(false);
});

test('cancel with the real engine: nothing stays, neither while it writes nor in the line', { timeout: 240_000 }, async () => {
  const real = await testHost({ spawner: nodeSpawner() });
  try {
    const model = await real.api.models.import({ path: writeRealModel(join(real.work, 'model'), 256) });
    const first = await real.api.exports.start({ model_id: model.id, checkpoint_id: null, format: 'hf', type: 'F16', out: join(real.work, 'one') });
    const second = await real.api.exports.start({ model_id: model.id, checkpoint_id: null, format: 'gguf', type: 'Q4_K_M', out: join(real.work, 'two') });
    expect(await real.api.exports.cancel({ id: second.id })).toMatchObject({ status: 'cancelled' });
    expect(await real.api.exports.cancel({ id: first.id })).toMatchObject({ status: 'cancelled', proof: null });
    expect(readdirSync(real.work).toSorted()).toEqual(['model']);
    const third = await real.api.exports.start({ model_id: model.id, checkpoint_id: null, format: 'hf', type: 'F32', out: join(real.work, 'three') });
    expect(await ended(real, third.id), 'the next export works').toMatchObject({ status: 'done', proof: { passed: true, max_abs_diff: 0 } });
  } finally { await real.close(); removeRoot(real); }
});
