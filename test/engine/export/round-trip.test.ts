/** Every format and type: sizes as planned, files that our own reader loads, and a proof that says how far they are from the checkpoint. */
import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXPORTERS } from '../../../src/main/engine/export/formats/index.ts';
import { readModelWeights } from '../../../src/main/engine/io/model-weights.ts';
import { ExportJobs } from '../../../src/main/engine/services/export-job.ts';
import { EXPORT_FORMATS } from '../../../src/shared/export-formats.ts';
import { writeRealAdapter, writeRealModel } from '../../support/real-model.ts';
import { exported, removeFolder, task, temporaryRoot } from './export-folder.ts';

let root: string, model: string, adapter: string;
const withAdapter = (): { model: { folder: string; checkpoint: { folder: string; kind: 'adapter' }; chat_template: null } } => ({ model: { folder: model, checkpoint: { folder: adapter, kind: 'adapter' }, chat_template: null } });
beforeAll(() => { root = temporaryRoot(); model = writeRealModel(join(root, 'model'), 64); adapter = writeRealAdapter(join(root, 'adapter'), 64); });
afterAll(() => { removeFolder(root); });

const fresh = (): string => mkdtempSync(join(root, 'out-'));

test('every format of the list can be written, and no other', () => {
  expect(EXPORTERS.map((e) => e.id).toSorted()).toEqual(EXPORT_FORMATS.map((f) => f.id).toSorted());
});

describe.each(EXPORT_FORMATS.flatMap((f) => f.types.map((type) => [f.id, type] as const)))('%s %s', (format, type) => {
  test('an adapter checkpoint: exact sizes, files, proof', { timeout: 120_000 }, async () => {
    const { out, plan, done, phases } = await exported(root, task(model, format, type, withAdapter()));
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(out, f)).isFile()).map((f) => f.replaceAll('\\', '/'));
    expect(files.toSorted()).toEqual(plan.files.map((f) => f.name).toSorted());
    for (const { name, bytes } of plan.files) {
      if (name === 'README.md') expect(statSync(join(out, name)).size, 'the card keeps its bound').toBeLessThanOrEqual(bytes);
      else expect([name, statSync(join(out, name)).size]).toEqual([name, bytes]);
    }
    expect(done.files.map((f) => [f.name, f.bytes])).toEqual(done.files.map((f) => [f.name, statSync(join(out, f.name)).size]));
    expect(phases).toEqual(expect.arrayContaining(['write', 'prove', 'finish']));
    const { proof } = done;
    expect(proof).toMatchObject({ prompts: 32, lossless: plan.lossless, passed: plan.lossless ? true : null });
    expect(proof.positions).toBeGreaterThan(64);
    expect(proof.max_abs_diff).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(proof.mean_kl)).toBe(true);
    // Rounded weights are close, and are not the same.
    if (!plan.lossless) { expect(proof.max_abs_diff).toBeGreaterThan(0); expect(proof.max_abs_diff).toBeLessThan(0.1 * proof.max_abs_logit + 0.5); } else expect(proof.same_text).toBe(1);
    expect(readFileSync(join(out, 'README.md'), 'utf8')).toContain('## Round-trip proof');
  });
});

test('the types of exactness: a float32 model is kept by F32 only', async () => {
  const lossless = async (format: 'hf' | 'gguf', type: 'F32' | 'F16' | 'BF16'): Promise<boolean> => (await new ExportJobs().plan(task(model, format, type))).lossless;
  expect(await Promise.all([lossless('hf', 'F32'), lossless('hf', 'F16'), lossless('hf', 'BF16'), lossless('gguf', 'F32'), lossless('gguf', 'F16')])).toEqual([true, false, false, true, false]);
});

test('a half-precision model keeps every bit in its own type', { timeout: 120_000 }, async () => {
  const first = await exported(fresh(), task(model, 'hf', 'F16')), second = await exported(fresh(), task(first.out, 'gguf', 'F16'));
  expect(second.plan.lossless).toBe(true);
  expect(second.done.proof).toMatchObject({ max_abs_diff: 0, passed: true });
});

test('shards: small files, an index that names every tensor, and the same answers', { timeout: 120_000 }, async () => {
  const { out, done } = await exported(fresh(), task(model, 'hf', 'F32', { max_shard_bytes: 50_000 }));
  const names = readdirSync(out).filter((f) => f.endsWith('.safetensors'));
  expect(names.length).toBeGreaterThan(2);
  expect(names.every((n) => new RegExp(`^model-\\d{5}-of-0000${names.length}\\.safetensors$`).test(n))).toBe(true);
  const index = JSON.parse(readFileSync(join(out, 'model.safetensors.index.json'), 'utf8')) as { metadata: { total_size: number }; weight_map: Record<string, string> };
  expect(Object.keys(index.weight_map).toSorted()).toEqual([...readModelWeights(out).keys()].toSorted());
  expect(index.metadata.total_size).toBe([...readModelWeights(out).values()].reduce((n, t) => n + t.byteLength, 0));
  expect(done.proof.max_abs_diff).toBe(0);
});

test('PEFT needs an adapter; the adapter file is copied bit for bit', { timeout: 120_000 }, async () => {
  await expect(new ExportJobs().plan(task(model, 'peft', 'F32'))).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('Only a checkpoint that holds an adapter') as string });
  const { out } = await exported(fresh(), task(model, 'peft', 'F32', withAdapter()));
  expect(readFileSync(join(out, 'adapter_model.safetensors')).equals(readFileSync(join(adapter, 'adapter_model.safetensors')))).toBe(true);
  expect(JSON.parse(readFileSync(join(out, 'adapter_config.json'), 'utf8'))).toMatchObject({ base_model_name_or_path: 'acme/tiny', r: 4, peft_type: 'LORA' });
});

test('the template that a checkpoint was trained with goes out with it', { timeout: 120_000 }, async () => {
  const { out } = await exported(fresh(), task(model, 'hf', 'F32', { model: { folder: model, checkpoint: null, chat_template: '{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}' } }));
  expect(readFileSync(join(out, 'chat_template.jinja'), 'utf8')).toContain('[{{ m.role }}]');
  expect((JSON.parse(readFileSync(join(out, 'tokenizer_config.json'), 'utf8')) as { chat_template: string }).chat_template).toContain('[{{ m.role }}]');
});
