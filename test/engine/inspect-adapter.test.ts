/** A PEFT adapter folder before its import: what it says, whether it fits a model, and what is said of folders that hold none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectAdapter } from '../../src/main/engine/services/inspect-adapter.ts';
import { writeRealAdapter, writeRealModel } from '../support/real-model.ts';

let root: string, model: string, adapter: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), 'anneal-adapter-')); model = writeRealModel(join(root, 'tiny')); adapter = writeRealAdapter(join(root, 'polite'), 16); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

test('says rank, targets, size and base; fits its model and not one of another width', () => {
  const facts = inspectAdapter(adapter, model);
  expect(facts).toMatchObject({ path: adapter, base: 'acme/tiny-llama', layers: 2, parameters: 2 * (4 * 16 + 16 * 4), problem: null, adapter: { r: 4, lora_alpha: 8, target_modules: ['q_proj'] } });
  expect(facts.weight_hash).toMatch(/^[0-9a-f]+$/);
  expect(inspectAdapter(adapter, null).problem).toBeNull();
  expect(inspectAdapter(adapter, writeRealModel(join(root, 'wide'), 32)).problem).toMatch(/q_proj" is 16 by 16 in the adapter and 32 by 32 in this model/);
});

test('a folder without an adapter, and a broken one', () => {
  expect(() => inspectAdapter(model, null)).toThrow(expect.objectContaining({ code: 'file-not-found' }));
  const broken = join(root, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'adapter_config.json'), '{');
  expect(() => inspectAdapter(broken, null)).toThrow(expect.objectContaining({ code: 'adapter-invalid' }));
});
