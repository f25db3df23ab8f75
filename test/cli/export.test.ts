/** anneal export: the command line of a person, with the real engine. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExportPlan, ExportRecord } from '../../src/shared/schema/export.ts';
import { command } from '../support/command.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string, home: string;
const before = process.env['ANNEAL_RESOURCES'];
const at = (name: string): string => join(root, name);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-cli-export-'));
  home = at('home');
  process.env['ANNEAL_RESOURCES'] = at('none');
  writeRealModel(at('tiny'));
  writeFileSync(at('rows.jsonl'), Array.from({ length: 16 }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}` }, { role: 'assistant', content: `It is ${i}.` }] })).join('\n'));
  writeFileSync(at('r.yaml'), `name: first\nmethod: sft\nmodel: ${at('tiny')}\ndata: {train: ${at('rows.jsonl')}}\nadapter: {r: 2}\ntrain: {max_steps: 4, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0, save_steps: 2}\n`);
  const trained = await command(home, 'train', at('r.yaml'));
  expect(trained.err).toContain('4 steps');
}, 240_000);
afterAll(() => { if (before === undefined) delete process.env['ANNEAL_RESOURCES']; else process.env['ANNEAL_RESOURCES'] = before; rmSync(root, { recursive: true, force: true }); });

test('a run: its last checkpoint as a merged folder, with the card of its lineage', { timeout: 240_000 }, async () => {
  const r = await command(home, 'export', 'first', '--format', 'hf', '--type', 'float32', '--out', at('merged'), '--json');
  expect(r).toMatchObject({ status: 0 });
  const record = JSON.parse(r.out) as ExportRecord;
  expect(record).toMatchObject({ status: 'done', checkpoint_name: 'first@4', format: 'hf', type: 'F32', proof: { passed: true } });
  const card = readFileSync(join(at('merged'), 'README.md'), 'utf8');
  for (const text of ['in the run "first", at step 4 of 4', 'rows: 16 rows (messages), version `', 'method: sft', `\`${record.weight_hash}\``]) expect(card).toContain(text);
  expect(card, 'no path of this machine').not.toContain(root);
});

test('a step of a run; a model; a plan that writes nothing', { timeout: 240_000 }, async () => {
  const step = await command(home, 'export', 'first@2', '-f', 'peft', '-o', at('adapter'));
  expect(step.status).toBe(0);
  expect(step.out).toMatch(/Proof holds/);
  expect(existsSync(at('adapter/adapter_model.safetensors'))).toBe(true);
  const plan = await command(home, 'export', 'tiny', '--format', 'gguf', '--type', 'q8_0', '--plan', '--json', '--out', at('never'));
  expect(JSON.parse(plan.out) as ExportPlan).toMatchObject({ type: 'Q8_0', lossless: false, fits: true, files: [{ name: 'tiny-Q8_0.gguf' }, { name: 'README.md' }] });
  expect(existsSync(at('never'))).toBe(false);
  expect((await command(home, 'export', 'tiny', '--format', 'gguf', '--plan')).out).toMatch(/tiny-F16\.gguf\s+\d+/);
});

test('what cannot be is one sentence', { timeout: 240_000 }, async () => {
  mkdirSync(at('full'));
  writeFileSync(at('full/file'), '');
  const said = async (...words: string[]): Promise<string> => { const r = await command(home, 'export', ...words); expect(r.status).toBeGreaterThan(0); return r.err; };
  expect(await said('tiny', '--out', at('x'))).toMatch(/needs --format: peft, hf/);
  expect(await said('tiny', '--format', 'ggf', '--out', at('x'))).toMatch(/Did you mean gguf\?/);
  expect(await said('tiny', '--format', 'hf')).toMatch(/needs --out/);
  expect(await said('tiny', '--format', 'hf', '--type', 'Q8_0', '--out', at('x'))).toMatch(/cannot hold "Q8_0": choose F32, F16, BF16/);
  expect(await said('tiny', '--format', 'peft', '--out', at('x'))).toMatch(/Only a checkpoint that holds an adapter/);
  expect(await said('tinny', '--format', 'hf', '--out', at('x'))).toMatch(/no model and no run "tinny".*Did you mean tiny\?/);
  expect(await said('first@3', '--format', 'hf', '--out', at('x'))).toMatch(/has no such checkpoint: first@2, first@4/);
  expect(await said('tiny', '--format', 'hf', '--out', at('full'))).toMatch(/exists already and is not an empty folder/);
  expect(await said('tiny', '--format', 'hf', '--out', at('x'), '--max-shard-size', 'big')).toMatch(/wants a size/);
  expect(existsSync(at('x'))).toBe(false);
});
