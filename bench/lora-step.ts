/** Child process of the 135M benchmark: prints one JSON report. Arguments: model folder, setting (default | lean), rounds, row length. */

import { tmpdir } from 'node:os';
import { sftTrain } from '../src/shared/methods/sft.ts';
import { loraAdapter } from '../src/shared/schema/recipe.ts';
import { optimize } from '../src/main/engine/graph/passes/index.ts';
import { countMatmulFlops } from '../src/main/engine/graph/stats.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import { planStep } from '../src/main/engine/train/plan.ts';
import { prepareRun } from '../src/main/engine/train/setup.ts';
import { buildStep } from '../src/main/engine/train/step-graph.ts';
import type { DecoderConfig } from '../src/main/engine/models/config.ts';
import { ATTENTION_CHUNK } from '../src/main/engine/train/tree-context.ts';
import { trainStep } from '../src/main/engine/train/train-step.ts';
import { peakProgram, peakRate } from './matmul-peak.ts';

export interface StepReport { stepMs: number[]; peakGflops: number[]; gflop: number; /** With attention counted as if no block were skipped. */ fullGflop: number; peakRss: number; plannedBytes: number; createSeconds: number }

const THREADS = 2;

async function main(folder: string, setting: string, rounds: number, length: number): Promise<StepReport> {
  const lean = setting === 'lean';
  const adapter = loraAdapter.parse({ r: 16, target_modules: 'all-linear' });
  const config = sftTrain.parse({ per_device_train_batch_size: 1, max_length: length, max_steps: 100, gradient_checkpointing: lean });
  const loaded = loadModel({ modelFolder: folder, start: null, adapter });
  const random = new Random(1);
  const row = { ids: Int32Array.from({ length }, () => random.below(loaded.model.config.vocabSize)), mask: new Uint8Array(length).fill(1), truncated: false, source: 0 };
  const setup = prepareRun({ method: 'sft', config, adapter, modelFolder: folder, start: null, rows: [row], evalRows: [], runFolder: tmpdir(), resume: null, threads: THREADS, recipeHash: 'bench', ...(lean ? { prepack: false } : {}) }, loaded);
  const plannedBytes = planStep(setup).memory.total;
  const program = await setup.pool.get('train', { rows: 1, ...setup.buckets[0]! });

  await trainStep(setup);
  await trainStep(setup);
  await trainStep(setup);
  const peakRss = process.resourceUsage().maxRSS * 1024;

  const peak = await peakProgram(THREADS);
  const stepMs: number[] = [];
  const peakGflops: number[] = [];
  await peakRate(peak);
  for (let i = 0; i < rounds; i++) {
    peakGflops.push(await peakRate(peak));
    const t = performance.now();
    await trainStep(setup);
    stepMs.push(performance.now() - t);
  }
  peakGflops.push(await peakRate(peak));
  const plain = optimize(buildStep({ model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method: setup.method, config, shape: { rows: 1, ...setup.buckets[0]! }, kind: 'train' }));
  const gflop = countMatmulFlops(plain) / 1e9;
  return { stepMs, peakGflops, gflop, fullGflop: gflop + skippedAttention(loaded.model.config, setup.buckets[0]!.length) / 1e9, peakRss, plannedBytes, createSeconds: program.createMs / 1000 };
}

/** Products of the causal blocks that are skipped: with chunks of c in T slots, (T - c) / 2T of all; two forward and four backward products of 2 T^2 D each, per head and layer. */
function skippedAttention(c: DecoderConfig, length: number): number {
  const chunk = Math.min(ATTENTION_CHUNK, length);
  return 12 * length ** 2 * c.headDim * c.heads * c.layers * ((length - chunk) / (2 * length));
}

const [folder, setting, rounds, length] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(`${JSON.stringify(await main(folder, setting ?? 'default', Number(rounds ?? 5), Number(length ?? 512)))}\n`);
