/** Every namespace of the contract against a real host: store in a temporary home, engines as processes (the stand-in). */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Change } from '../../src/shared/contract.ts';
import { removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

let t: TestHost, model: string, data: string;
beforeAll(async () => { t = await testHost(); ({ model, data } = writeInputs(t.work)); });
afterAll(async () => { await t.close(); removeRoot(t); });

const recipe = (patch: Record<string, unknown> = {}): Record<string, unknown> => ({ method: 'sft', model, data: { train: data }, train: { max_steps: 3 }, ...patch });

test('system: the machine, what runs, a text without the person\'s folders', async () => {
  expect(await t.api.system.info()).toMatchObject({ version: '0.1.0', mode: 'cli', onnxruntime: 'none (test engine)', platform: process.platform });
  for await (const s of t.api.system.watch()) {
    expect(s.engines).toEqual([expect.objectContaining({ kind: 'data', state: 'idle' })]);
    expect(s.rss).toBeGreaterThan(s.engines[0]?.rss ?? Infinity);
    expect(s.connections).toBe(0);
    break;
  }
  expect((await t.api.system.diagnostics()).text).toMatch(/^Anneal 0\.1\.0, cli; Node \d+/);
});

test('settings: kept, partial, checked', async () => {
  expect((await t.api.settings.get()).theme).toBe('system');
  expect(await t.api.settings.set({ theme: 'dark', threads: 2 })).toMatchObject({ theme: 'dark', threads: 2, language: 'system' });
  await expect(t.api.settings.set({ threads: -1 })).rejects.toMatchObject({ code: 'bad-request' });
  expect(await t.api.settings.set({ language: 'zh-CN' }), 'the other settings stay').toMatchObject({ language: 'zh-CN', theme: 'dark', threads: 2 });
  expect((await t.api.settings.get()).threads).toBe(2);
});

test('models: import, same folder again, rename, missing folder, what is refused', async () => {
  const m = await t.api.models.import({ path: model });
  expect(m).toMatchObject({ name: 'tiny', family: 'llama', path: model, has_template: true, missing: false });
  expect(await t.api.models.import({ path: model })).toEqual(m);
  expect((await t.api.models.rename({ id: m.id, name: 'small' })).name).toBe('small');
  expect(await t.api.models.get({ id: m.id })).toMatchObject({ path: model, supported: true });
  await expect(t.api.models.import({ path: data })).rejects.toMatchObject({ code: 'model-config-invalid' });
  await expect(t.api.models.import({ path: join(t.work, 'nowhere') })).rejects.toMatchObject({ code: 'file-not-found' });
  const other = join(t.work, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'config.json'), '{"model_type":"mamba"}');
  await expect(t.api.models.import({ path: other })).rejects.toMatchObject({ code: 'model-family-unknown' });
  writeFileSync(join(other, 'config.json'), '{"model_type":"llama"}');
  const second = await t.api.models.import({ path: other, name: 'small' });
  expect(second.name).toBe('small 2');
  rmSync(other, { recursive: true });
  expect((await t.api.models.list()).map((x) => [x.name, x.missing])).toEqual([['small', false], ['small 2', true]]);
  expect(await t.api.models.remove({ id: second.id })).toEqual({ ok: true });
  await expect(t.api.models.get({ id: second.id })).rejects.toMatchObject({ code: 'not-found' });
});

test('models: tensors, norms and template of a known model; removal with the runs that depend on it', async () => {
  const m = await t.api.models.import({ path: model });
  expect(await t.api.models.tensors({ id: m.id })).toMatchObject({ parameters: 32, tensors: [{ name: 'embed', place: 'before' }] });
  for await (const item of t.api.models.norms({ id: m.id })) expect(item).toMatchObject({ done: 1, total: 1, norms: [{ name: 'embed' }] });
  expect((await t.api.models.render({ id: m.id, messages: [{ role: 'user', content: 'Hi' }] })).tokens).toBe(1);
  await expect(t.api.models.tensors({ id: 'mdl_none' })).rejects.toMatchObject({ code: 'not-found' });
  const other = join(t.work, 'with-runs');
  mkdirSync(other);
  writeFileSync(join(other, 'config.json'), '{"model_type":"llama"}');
  const mine = await t.api.models.import({ path: other }), run = await t.api.runs.create({ recipe: recipe({ model: mine.id }) });
  await expect(t.api.models.remove({ id: mine.id })).rejects.toMatchObject({ code: 'conflict' });
  await until(t.api, run.id, 'completed');
  expect((await t.api.runs.checkpoints({ id: run.id })).length).toBeGreaterThan(0);
  expect(await t.api.models.remove({ id: mine.id, with_runs: true })).toEqual({ ok: true });
  await expect(t.api.runs.get({ id: run.id })).rejects.toMatchObject({ code: 'not-found' });
  expect(await t.api.runs.checkpoints({ id: run.id })).toEqual([]);
  expect(existsSync(other)).toBe(true);
});

test('adapters: inspected against a model, kept as a checkpoint of it, renamed, removed; a misfit is refused', async () => {
  const m = await t.api.models.import({ path: model }), folder = join(t.work, 'polite'), misfit = join(t.work, 'misfit');
  mkdirSync(folder);
  mkdirSync(misfit);
  expect(await t.api.adapters.inspect({ path: folder, model_id: null })).toMatchObject({ path: folder, base: 'acme/tiny', problem: null, adapter: { r: 4 } });
  expect((await t.api.adapters.inspect({ path: misfit, model_id: m.id })).problem).toContain('does not have');
  await expect(t.api.adapters.import({ path: misfit, model_id: m.id })).rejects.toMatchObject({ code: 'adapter-invalid' });
  await expect(t.api.adapters.inspect({ path: data, model_id: null })).rejects.toMatchObject({ code: 'adapter-invalid' });
  const a = await t.api.adapters.import({ path: folder, model_id: m.id });
  expect(a).toMatchObject({ run_id: '', run_name: 'polite', model_id: m.id, step: 0, kind: 'adapter', imported: { base: 'acme/tiny', adapter: { r: 4 } } });
  expect(await t.api.adapters.import({ path: folder, model_id: m.id })).toEqual(a);
  expect((await t.api.adapters.rename({ id: a.id, name: 'kind' })).run_name).toBe('kind');
  const run = await t.api.runs.create({ recipe: recipe({ model: m.id, checkpoint: 'kind@0' }) });
  expect(run.recipe.checkpoint).toBe(a.id);
  await until(t.api, run.id, 'completed');
  await expect(t.api.adapters.remove({ id: a.id })).rejects.toMatchObject({ code: 'conflict' });
  await t.api.runs.remove({ id: run.id, files: true });
  expect(await t.api.adapters.remove({ id: a.id })).toEqual({ ok: true });
  expect(existsSync(folder)).toBe(true);
});

test('datasets: inspect, import, rows, search, bad rows, mapping, removal', async () => {
  expect(await t.api.datasets.inspect({ path: data })).toMatchObject({ format: 'messages', rows: 20, bad_rows: 0, mapping_needed: false, file_name: 'rows.jsonl' });
  const d = await t.api.datasets.import({ path: data, name: 'mine' });
  expect(d).toMatchObject({ name: 'mine', rows: 20, kind: 'messages', format: 'messages' });
  const page = await t.api.datasets.rows({ id: d.id, offset: 18, limit: 10 });
  expect(page).toMatchObject({ total: 20, rows: [{ index: 18, messages: [{ role: 'user', content: 'question 18' }, { role: 'assistant', content: 'answer 18' }] }, { index: 19 }] });
  expect((await t.api.datasets.rows({ id: d.id, offset: 0, limit: 5, query: 'ANSWER 1' })).total).toBe(11);
  const broken = join(t.work, 'broken.jsonl');
  writeFileSync(broken, '{"prompt":"a","completion":"b"}\n{"prompt":"a",\n{"prompt":"c","completion":"d"}\n');
  await expect(t.api.datasets.import({ path: broken })).rejects.toMatchObject({ code: 'dataset-syntax', message: expect.stringContaining('line 2') as string });
  expect(await t.api.datasets.import({ path: broken, skip_bad_rows: true })).toMatchObject({ rows: 2, bad_rows: 1 });
  const odd = join(t.work, 'odd.csv');
  writeFileSync(odd, 'frage,antwort\na,b\ne,f\n');
  await expect(t.api.datasets.import({ path: odd })).rejects.toMatchObject({ code: 'dataset-columns' });
  const mapped = await t.api.datasets.import({ path: odd, format: 'prompt-completion', columns: { prompt: 'frage', completion: 'antwort' } });
  expect((await t.api.datasets.rows({ id: mapped.id, offset: 0, limit: 1 })).rows[0]).toMatchObject({ prompt: 'a', completion: 'b' });
  const { dir } = mapped;
  await t.api.datasets.remove({ id: mapped.id });
  expect(existsSync(dir)).toBe(false);
});

test('recipes: checked, as YAML, and prepared by an engine', async () => {
  const { recipe: filled, yaml } = await t.api.recipes.check({ recipe: recipe() });
  expect((await t.api.recipes.check({ yaml: yaml ?? '' })).recipe).toEqual(filled);
  const [aModel] = await t.api.models.list(), [aDataset] = await t.api.datasets.list(), byIds = { ...recipe(), model: aModel!.id, data: { train: aDataset!.id } };
  const readable = (await t.api.recipes.check({ recipe: byIds })).yaml ?? '';
  expect(readable).toContain(`model: ${aModel!.name}\n`);
  expect(readable).toContain(`train: ${aDataset!.name}\n`);
  expect(readable, 'ids are for machines').not.toMatch(/(mdl|set)_/);
  expect((await t.api.recipes.check({ yaml: 'method: sft\nmodel: "x\n' })).issues[0]?.message).toMatch(/^The recipe is not valid YAML at line 3: Missing closing/);
  expect((await t.api.recipes.check({ yaml: 'method: sft\nmodell: x\ndata: {train: d}' })).issues).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'modell', nearest: 'model' })]));
  expect(await t.api.recipes.row({ recipe: recipe(), index: 3 })).toMatchObject({ index: 3, trained: 1 });
  expect(await t.api.recipes.trial({ recipe: recipe() })).toMatchObject({ step_seconds: 0.01 });
  const items: number[] = [];
  for await (const item of t.api.recipes.review({ recipe: recipe() })) items.push(item.progress);
  expect(items).toEqual([0.5]);
  await expect(t.api.recipes.row({ recipe: recipe({ train: { lr: 1 } }), index: 0 })).rejects.toMatchObject({ code: 'recipe-key-unknown', message: expect.stringContaining('train.lr') as string });
  await expect(t.api.runs.create({ recipe: recipe({ model: 'smal' }) })).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('Did you mean small?') as string });
});

test('changes: a snapshot, then every change, newest first for the slow', async () => {
  const seen: Change[] = [], abort = new AbortController();
  const reading = (async () => { try { for await (const c of t.api.changes.watch({}, { signal: abort.signal })) seen.push(c); } catch (e) { if (!abort.signal.aborted) throw e; } })();

  while (seen.length < 3) await new Promise((r) => { setTimeout(r, 5); });
  expect(seen[0]).toMatchObject({ topic: 'settings' });
  expect(seen.some((c) => c.topic === 'model' && c.record?.name === 'small')).toBe(true);

  const { id } = await t.api.runs.create({ recipe: recipe({ name: 'watched' }) });
  await until(t.api, id, 'completed');

  await t.api.settings.set({ theme: 'light' });
  while (!seen.some((c) => c.topic === 'settings' && c.record?.theme === 'light')) await new Promise((r) => { setTimeout(r, 5); });
  const states = seen.flatMap((c) => (c.topic === 'run' && c.id === id ? [c.record?.status] : []));
  expect(states.at(-1)).toBe('completed');
  expect(seen.some((c) => c.topic === 'checkpoint' && c.record?.run_id === id)).toBe(true);
  abort.abort();
  await reading;
  expect((await t.api.runs.rename({ id, name: 'renamed' })).name).toBe('renamed');
  expect((await t.api.runs.checkpoints({ id }))[0]?.run_name).toBe('renamed');
  await expect(t.api.models.remove({ id: (await t.api.runs.get({ id })).model_id })).rejects.toMatchObject({ code: 'conflict' });
});

test('chat: streams an answer of base or checkpoint; a dead engine is told and replaced', async () => {
  const [run] = await t.api.runs.list(), [checkpoint] = await t.api.runs.checkpoints({});
  if (!run || !checkpoint) throw new Error('the test before made none');
  const ask = async (prompt: string, checkpoint_id: string | null): Promise<unknown[]> => { const items = []; for await (const i of t.api.chat.generate({ model_id: run.model_id, checkpoint_id, prompt, sampling: {} })) items.push(i); return items; };
  const items = await ask('hello', checkpoint.id);
  expect(items[0]).toMatchObject({ type: 'start', weight_hash: checkpoint.path, model: 'small', checkpoint: 'renamed@3', prompt_text: 'hello' });
  expect(items.at(-1)).toMatchObject({ type: 'end', tokens: 3 });
  await expect(ask('die', null)).rejects.toMatchObject({ code: 'engine-crashed' });
  expect(await ask('hello', null)).toHaveLength(5);
  const connections = async (): Promise<number> => { for await (const s of t.api.system.watch()) return s.connections; return NaN; };
  expect(await connections()).toBe(0);
  await ask('dial', null);
  expect(await connections()).toBe(1); // of an engine, and counted where a person sees it
  await expect(t.api.chat.generate({ model_id: run.model_id, checkpoint_id: null, sampling: {} })[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'bad-request' });
});

test('files: start places, a folder with hints, and what a window may not see', async () => {
  const top = await t.api.files.list({ want: 'model' });
  expect(top.places.map((p) => p.name)).toEqual(expect.arrayContaining(['home', 'working']));
  const { entries, parent } = await t.api.files.list({ path: t.work, want: 'dataset' });
  expect(entries.find((e) => e.name === 'tiny')).toMatchObject({ kind: 'folder', hint: 'model' });
  expect(entries.find((e) => e.name === 'rows.jsonl')).toMatchObject({ kind: 'file', hint: 'dataset' });
  expect(parent).toBe(join(t.work, '..'));
  const window = await testHost({ mode: 'browser' });
  try {
    for (const path of ['/etc', '/proc/self', '/root/.ssh', `${t.work}/../../../etc`]) await expect(window.api.files.list({ path, want: 'dataset' })).rejects.toMatchObject({ code: 'path-not-allowed' });
    await expect(window.api.datasets.inspect({ path: '/etc/passwd' })).rejects.toMatchObject({ code: 'path-not-allowed' });
    const link = join(t.work, 'link.txt');
    symlinkSync('/etc/passwd', link);
    await expect(window.api.datasets.inspect({ path: link })).rejects.toMatchObject({ code: 'path-not-allowed' });
    expect((await window.api.datasets.inspect({ path: data })).rows).toBe(20);
  } finally { await window.close(); removeRoot(window); }
});
