/** Runs in a process of its own: the answers of a run to its fixed prompts, and the probes that read them, on the processor and on WebGPU. Prints JSON lines. */

import { rmSync } from 'node:fs';
import { METHODS } from '../../src/shared/methods/index.ts';
import type { ProviderId } from '../../src/shared/schema/device.ts';
import { loraAdapter, recipe } from '../../src/shared/schema/recipe.ts';
import { AnswerScorer } from '../../src/main/engine/generate/index.ts';
import { FixedAnswers } from '../../src/main/engine/services/fixed-answers.ts';
import type { Job } from '../../src/main/engine/protocol.ts';
import { currentWeights } from '../../src/main/engine/train/current-weights.ts';
import { initialValues, loadModel } from '../../src/main/engine/train/load.ts';
import { tinyModel } from '../engine/tiny-model.ts';

const say = (record: object): void => { process.stdout.write(`${JSON.stringify(record)}\n`); };
const folder = tinyModel();
try {
  const { trainables, ...loaded } = loadModel({ modelFolder: folder, start: null, adapter: loraAdapter.parse({ r: 4, init_lora_weights: false }) });
  const values = initialValues({ trainables, ...loaded }, { start: null, config: METHODS.sft.train.parse({}) }), weights = currentWeights(trainables, values, folder), start = currentWeights(trainables, new Float32Array(values.length), folder);
  const prompts = [[2, 5, 9, 13], [3, 4]];
  for (const id of ['cpu', 'webgpu'] as ProviderId[]) {
    const job: Job = { recipe: recipe.parse({ method: 'dpo', model: 'm', data: { train: 'd' } }), model: { folder, checkpoint: null, chat_template: null }, train_dir: '', eval_dir: null, run_dir: folder, resume: null, threads: 1, device: { id, precision: 'fp32', why: 'asked' } };
    await using fixed = new FixedAnswers(job, { prompts, stopIds: [], sampling: { ...job.recipe.samples.sampling, max_new_tokens: 10 } });
    const answers = await fixed.at({ step: 1, weights, start: () => start });
    const scorer = new AnswerScorer(1, fixed.device);
    const scores = await scorer.score(fixed.source(weights), fixed.source(start), answers.map((a, i) => ({ prompt: prompts[i]!, answer: a.tokens })), true);
    await scorer.dispose();
    say({ device: fixed.device, tokens: answers.map((a) => a.tokens), kl: scores.map((s) => [...s.kl]), entropy: scores.map((s) => [...s.entropy]) });
  }
  say({ done: true });
} catch (e) { say({ error: e instanceof Error ? e.message : String(e) }); process.exitCode = 1; } finally { rmSync(folder, { recursive: true, force: true }); }
