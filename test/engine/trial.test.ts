/** The trial on the review measures the run that would start: in the same arithmetic. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importDataset } from '../../src/main/data/version/import-dataset.ts';
import { trialJob } from '../../src/main/engine/services/trial-job.ts';
import { INT8_PROOFS, type Int8Proof } from '../../src/shared/int8-proof.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import { writeRealModel } from '../support/real-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'trial-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

test('compute: auto is tried as it would run', async () => {
  const model = writeRealModel(join(folder, 'model'), 64), file = join(folder, 'rows.jsonl');
  writeFileSync(file, Array.from({ length: 16 }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `What comes after ${i}?` }, { role: 'assistant', content: `${i + 1}` }] })).join('\n'));
  const { dir } = await importDataset(file, join(folder, 'rows'));
  const trial = async (compute: 'auto' | 'fp32' | 'int8'): Promise<number> => {
    const asked = recipe.parse({ method: 'sft', model, data: { train: dir }, adapter: { r: 4 }, train: { compute, max_steps: 2, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0, save_steps: 0, shuffle: false } });
    const { loss } = await trialJob({ recipe: asked, model: { folder: model, checkpoint: null, chat_template: 'chatml' }, train_dir: dir, eval_dir: null, run_dir: join(folder, compute), resume: null, threads: 1 }, new AbortController().signal);
    return loss;
  };
  const [float, whole] = [await trial('fp32'), await trial('int8')];
  expect(whole).not.toBe(float);
  expect(await trial('auto')).toBe(float);
  // As if a model of this size had been measured.
  const proofs = INT8_PROOFS as Int8Proof[];
  proofs.push({ model: 'of this test', parameters: 250_000, method: 'sft', steps: 40, seeds: 3, excess: 0.001, speedup: 1.4, date: '2026-11-23' });
  try { expect(await trial('auto')).toBe(whole); } finally { proofs.pop(); }
});
