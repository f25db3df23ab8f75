/** The second executor trains: SFT with LoRA and with all weights, on tfjs' CPU backend with the losses of onnxruntime; and refuses clearly where the user's package is absent. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import { listProviders } from '../../src/main/engine/runtime/providers.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { provideTfjs, tfjsAbsence } from '../../src/main/engine/tfjs/load-tfjs.ts';
import { trainRun, type TrainOptions } from '../../src/main/engine/train/index.ts';
import { TINY, tinyModel, tinyRows } from './tiny-model.ts';

const models = [tinyModel(), tinyModel({ ...TINY, model_type: 'qwen3', head_dim: 8, tie_word_embeddings: false })];
const folders = [...models];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

async function losses(device: 'cpu' | 'tfjs', modelFolder: string, adapter: TrainOptions['adapter']): Promise<number[]> {
  const runFolder = mkdtempSync(join(tmpdir(), 'tfjs-run-'));
  folders.push(runFolder);
  const config = sftTrain.parse({ learning_rate: 1e-2, max_steps: 5, per_device_train_batch_size: 2, eval_steps: 0, save_steps: 0 });
  const seen: number[] = [];
  const outcome = await trainRun({ method: 'sft', config, adapter, modelFolder, start: null, rows: tinyRows(6), evalRows: [], runFolder, resume: null, threads: 1, recipeHash: 'r', device }, (e) => {
    if (e.type === 'metric' && e.values['loss'] !== undefined) seen.push(e.values['loss']);
  });
  expect(outcome).toMatchObject({ outcome: 'completed', step: 5 });
  return seen;
}

describe('with a tfjs backend', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
    provideTfjs(tf);
  });
  afterEach(() => { provideTfjs(undefined); });

  test.each([['llama, LoRA', 0, true], ['qwen3 untied, LoRA', 1, true], ['llama, full', 0, false]] as const)('%s: the same losses as onnxruntime, step by step', async (_name, model, lora) => {
    const adapter = lora ? loraAdapter.parse({ r: 4 }) : null;
    const before = tf.memory().numTensors;
    const own = await losses('tfjs', models[model]!, adapter);
    expect(tf.memory().numTensors).toBe(before);
    const ort = await losses('cpu', models[model]!, adapter);
    expect(own.length).toBe(5);
    own.forEach((loss, i) => expect(Math.abs(loss - ort[i]!) / ort[i]!).toBeLessThan(1e-4));
    expect(own[4]).toBeLessThan(own[0]!);
  });

  test('the list of devices says that it is there', () => {
    expect(tfjsAbsence()).toBeNull();
    expect(listProviders().find((p) => p.id === 'tfjs')).toMatchObject({ available: true });
  });
});

// Where somebody has installed the package these would say something else.
describe.skipIf(tfjsAbsence() === null)('without the package', () => {
  test('choosing it is refused, with what to do', async () => {
    const g = new Graph();
    g.output('y', g.input('x', [1]));
    await expect(compile(g, { provider: 'tfjs' })).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/^The package @tensorflow\/tfjs-node-gpu is not installed: run "npm install/) as string });
    expect(listProviders().find((p) => p.id === 'tfjs')).toMatchObject({ available: false, reason: expect.stringContaining('is not installed') as string });
  });
});
