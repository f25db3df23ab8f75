/** Every family through a whole run: it learns, its adapter merges into weights that say the same, and its full checkpoint is a model again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createGenerator, type Generated, type GenerationSource } from '../../../src/main/engine/generate/index.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { readPeftAdapter } from '../../../src/main/engine/io/peft-adapter.ts';
import { readTensorFloats } from '../../../src/main/engine/io/tensor-read.ts';
import { FAMILIES, parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters } from '../../../src/main/engine/models/parameters.ts';
import { mergeAdapter } from '../../../src/main/engine/nn/merge-adapter.ts';
import { trainRun } from '../../../src/main/engine/train/index.ts';
import { sftTrain } from '../../../src/shared/methods/sft.ts';
import { loraAdapter, type LoraAdapter } from '../../../src/shared/schema/recipe.ts';
import { tinyModel, tinyRows } from '../tiny-model.ts';
import { VARIANTS } from './variants.ts';

const folders: string[] = [];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

async function trained(modelFolder: string, adapter: LoraAdapter | null): Promise<{ checkpoint: string; losses: number[] }> {
  const runFolder = mkdtempSync(join(tmpdir(), 'family-run-'));
  folders.push(runFolder);
  const config = sftTrain.parse({ learning_rate: 1e-2, max_steps: 8, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0, lr_scheduler_type: 'constant', packing: true, max_length: 24 });
  const losses: number[] = [];
  const outcome = await trainRun({ method: 'sft', config, adapter, modelFolder, start: null, rows: tinyRows(8), evalRows: [], runFolder, resume: null, threads: 1, recipeHash: 'r' }, (e) => {
    if (e.type === 'metric' && e.values['loss'] !== undefined) losses.push(e.values['loss']);
  });
  expect(outcome).toMatchObject({ outcome: 'completed', error: null });
  return { checkpoint: outcome.checkpoint!, losses };
}

function sourceOf(folder: string): GenerationSource {
  const opened = openModelFolder(folder);
  const model = parseModel(opened.config);
  return { model, weights: checkParameters(model, opened.tensors) };
}

async function answers(source: GenerationSource): Promise<Generated[]> {
  const generator = createGenerator(source, { threads: 1 });
  const made = await generator.generateBatch({ prompts: [[2, 5, 9, 13, 17, 4, 8], [3, 7]], sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: 6 });
  await generator.dispose();
  return made;
}

function expectSame(a: Generated[], b: Generated[]): void {
  expect(a.map((g) => g.tokens)).toEqual(b.map((g) => g.tokens));
  a.forEach((g, i) => g.logprobs.forEach((x, k) => expect(Math.abs(x - b[i]!.logprobs[k]!)).toBeLessThan(1e-4)));
}

describe.each(FAMILIES.map((f) => f.id))('%s', (id) => {
  const folder = tinyModel(Object.values(VARIANTS).find((v) => v['model_type'] === id));
  folders.push(folder);

  it('learns an adapter, which merges', async () => {
    const { checkpoint, losses } = await trained(folder, loraAdapter.parse({ r: 4, lora_alpha: 8 }));
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const source = sourceOf(folder);
    const adapter = readPeftAdapter(checkpoint);
    const specs = source.model.family.parameters(source.model.config);
    expect(adapter.pairs.length).toBe(source.model.family.linears(source.model.config).length);
    const merged = new Map(specs.map((p) => [p.name, mergeAdapter(adapter, p.name, Float32Array.from(readTensorFloats(source.weights.get(p.name)!)), { transposed: p.transposed })]));
    const own = await answers({ ...source, adapter });
    expectSame(own, await answers({ ...source, tensor: (name) => merged.get(name) }));
    expect(own).not.toEqual(await answers(source));
  }, 60_000);

  it('learns with all weights, and its checkpoint is a model of its own', async () => {
    const { checkpoint, losses } = await trained(folder, null);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
    const again = sourceOf(checkpoint);
    expect(again.model.config).toEqual({ ...sourceOf(folder).model.config, raw: again.model.config.raw });
    expect(again.model.config.raw).toMatchObject({ model_type: id, dtype: 'float32' });
    expect((await answers(again))[0]!.tokens.length).toBe(6);
  }, 60_000);
});
