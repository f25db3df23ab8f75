/** GGUF files through the host, with the real engine: on record once, a folder in the data folder, gone with the record, nothing left of a file that cannot be used. */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeGguf } from '../../src/main/engine/io/gguf/write-gguf.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { CONFIGS, tinySource } from '../engine/gguf/tiny-source.ts';
import { removeRoot, testHost, type TestHost } from '../support/host.ts';

let t: TestHost;
beforeAll(async () => { t = await testHost({ spawner: nodeSpawner() }); });
afterAll(async () => { await t.close(); removeRoot(t); });

const write = async (name: string, type: 'F16' | 'Q8_0', extra: Record<string, unknown> = {}): Promise<string> => {
  const path = join(t.work, name);
  await writeGguf(path, tinySource({ ...CONFIGS['llama']!, ...extra }), type);
  return path;
};
const converted = (): string[] => { const folder = join(t.home, 'converted'); return existsSync(folder) ? readdirSync(folder) : []; };

test('a quantised file becomes a model folder of the data folder, once; removing the model removes the folder and leaves the file', async () => {
  const file = await write('small.Q8_0.gguf', 'Q8_0');
  const preview = await t.api.models.inspect({ path: file });
  expect([preview.family, preview.dtype, preview.license]).toEqual(['llama', 'Q8_0, float32', 'mit']);
  expect(converted()).toEqual([]);
  const model = await t.api.models.import({ path: file });
  expect([model.name, model.family, model.dtype, model.source, dirname(model.path)]).toEqual(['small.Q8_0', 'llama', 'float16, float32', 'imported', join(t.home, 'converted')]);
  expect(model.origin).toMatchObject({ file, weight_hash: preview.weight_hash });
  expect(model.origin?.notes.join()).toContain('Q8_0');
  expect((await t.api.models.import({ path: file })).id).toBe(model.id);
  expect((await t.api.models.import({ path: file, name: 'Other' }))).toMatchObject({ id: model.id, name: 'Other' });
  expect(converted()).toHaveLength(1);
  await t.api.models.remove({ id: model.id });
  expect(converted()).toEqual([]);
  expect(existsSync(file)).toBe(true);
});

test('a file whose weights are used where they lie is missed when it goes', async () => {
  const file = await write('large.gguf', 'F16', { vocab_size: 9000 });
  const { id } = await t.api.models.import({ path: file });
  const missing = async (): Promise<boolean | undefined> => (await t.api.models.list()).find((m) => m.id === id)?.missing;
  expect(await missing()).toBe(false);
  renameSync(file, `${file}.away`);
  expect(await missing()).toBe(true);
  renameSync(`${file}.away`, file);
  expect(await missing()).toBe(false);
});

test('of a file that cannot be used nothing is left, and what a killed import left is swept away', async () => {
  const before = (await t.api.models.list()).length, folders = converted().length;
  const bad = join(t.work, 'bad.gguf');
  writeFileSync(bad, 'GGUF and nothing else that makes sense');
  await expect(t.api.models.import({ path: bad })).rejects.toMatchObject({ code: 'gguf-unsupported' });
  writeFileSync(bad, 'no such thing');
  await expect(t.api.models.import({ path: bad })).rejects.toMatchObject({ code: 'gguf-invalid' });
  await expect(t.api.models.import({ path: join(t.work, 'absent.gguf') })).rejects.toMatchObject({ code: 'file-not-found' });
  expect([(await t.api.models.list()).length, converted().length]).toEqual([before, folders]);
  mkdirSync(join(t.home, 'converted', '.tmp-mdl_killed'));
  await t.api.models.import({ path: await write('again.gguf', 'Q8_0', { num_hidden_layers: 1 }) });
  expect(converted()).toHaveLength(folders + 1);
});

test('as a job: progress and speed are told, a second start is the same job, and a cancelled one leaves nothing', async () => {
  const file = await write('slow.Q8_0.gguf', 'Q8_0', { vocab_size: 60_000, hidden_size: 256, intermediate_size: 512 }), models = (await t.api.models.list()).length, folders = converted();
  const job = await t.api.models.startImport({ path: file, name: 'slow' });
  expect(await t.api.models.startImport({ path: file })).toMatchObject({ id: job.id, name: 'slow', status: 'running' });
  const stop = new AbortController();
  for await (const { imports } of t.api.models.imports({}, { signal: stop.signal })) {
    const mine = imports.find((j) => j.id === job.id);
    expect(mine?.status).toBe('running');
    if ((mine?.bytes ?? 0) > 0) break;
  }
  await t.api.models.cancelImport({ id: job.id });
  expect(converted()).toEqual(folders);
  expect((await t.api.models.list()).length).toBe(models);
  for await (const { imports } of t.api.models.imports({})) { expect(imports).toEqual([]); break; }

  const again = await t.api.models.startImport({ path: file, name: 'slow' }), shares: number[] = [];
  for await (const { imports } of t.api.models.imports({})) {
    const mine = imports.find((j) => j.id === again.id);
    if (mine?.status !== 'running') { expect(mine).toMatchObject({ status: 'done', name: 'slow', error: null }); break; }
    if (mine.bytes > 0) shares.push(mine.bytes_done / mine.bytes);
  }
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect((await t.api.models.list()).some((m) => m.name === 'slow')).toBe(true);
  await t.api.models.cancelImport({ id: again.id });
  await expect(t.api.models.cancelImport({ id: again.id })).rejects.toMatchObject({ code: 'not-found' });
});

test('a job that fails says why', async () => {
  const bad = join(t.work, 'bad.gguf');
  writeFileSync(bad, 'no such thing');
  const { id } = await t.api.models.startImport({ path: bad });
  for await (const { imports } of t.api.models.imports({})) {
    const mine = imports.find((j) => j.id === id);
    if (mine?.status === 'running') continue;
    expect(mine).toMatchObject({ status: 'failed', error: { code: 'gguf-invalid' }, model_id: null });
    break;
  }
  await t.api.models.cancelImport({ id });
});
