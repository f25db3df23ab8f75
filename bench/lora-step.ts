/** Child process of the 135M benchmark: prints one JSON report. Arguments: model folder, setting (default | lean), rounds, row length. */

import { tmpdir } from 'node:os';
import { sftTrain } from '../src/shared/methods/sft.ts';
import { loraAdapter } from '../src/shared/schema/recipe.ts';
import { Graph } from '../src/main/engine/graph/node.ts';
import { matmul, slice } from '../src/main/engine/graph/ops/index.ts';
import { optimize } from '../src/main/engine/graph/passes/index.ts';
import { countMatmulFlops } from '../src/main/engine/graph/stats.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { compile, type Program } from '../src/main/engine/runtime/session.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import { planStep } from '../src/main/engine/train/plan.ts';
import { prepareRun } from '../src/main/engine/train/setup.ts';
import { buildStep } from '../src/main/engine/train/step-graph.ts';
import type { DecoderConfig } from '../src/main/engine/models/config.ts';
import { ATTENTION_CHUNK } from '../src/main/engine/train/tree-context.ts';
import { trainStep } from '../src/main/engine/train/train-step.ts';

export interface StepReport { stepMs: number[]; peakGflops: number[]; gflop: number; /** With attention counted as if no block were skipped. */ fullGflop: number; peakRss: number; plannedBytes: number; createSeconds: number }

const THREADS = 2;
const PEAK_SIZE = 2048;

async function main(folder: string, setting: string, rounds: number, length: number): Promise<StepReport> {
  const lean = setting === 'lean';
  const adapter = loraAdapter.parse({ r: 16, target_modules: 'all-linear' });
  const config = sftTrain.parse({ per_device_train_batch_size: 1, max_length: length, max_steps: 100, gradient_checkpointing: lean });
  const loaded = loadModel({ modelFolder: folder, start: null, adapter });
  const random = new Random(1);
  const row = { ids: Int32Array.from({ length }, () => random.below(loaded.model.config.vocabSize)), mask: new Uint8Array(length).fill(1), truncated: false, source: 0 };
  const setup = prepareRun({ method: 'sft', config, adapter, modelFolder: folder, start: null, rows: [row], evalRows: [], runFolder: tmpdir(), resume: null, threads: THREADS, recipeHash: 'bench', prepack: !lean }, loaded);
  const grads = new Float32Array(loaded.trainables.length);
  const plannedBytes = planStep(setup).memory.total;
  const program = await setup.pool.get('train', { rows: 1, ...setup.buckets[0]! });

  await trainStep(setup, grads);
  await trainStep(setup, grads);
  await trainStep(setup, grads);
  const peakRss = process.resourceUsage().maxRSS * 1024;

  const peak = await compile(peakGraph(), { threads: THREADS });
  const stepMs: number[] = [];
  const peakGflops: number[] = [];
  await peakRate(peak);
  for (let i = 0; i < rounds; i++) {
    peakGflops.push(await peakRate(peak));
    const t = performance.now();
    await trainStep(setup, grads);
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

function peakGraph(): Graph {
  const graph = new Graph();
  const n = PEAK_SIZE;
  const random = new Random(2);
  const data = Float32Array.from({ length: n * n }, () => (random.uniform() - 0.5) / 10);
  const y = matmul(graph.input('x', [n, n]), graph.weight('w', [n, n], 'float32', { kind: 'data', data }));
  // Only one row leaves the session: the copy of the result is not part of the rate.
  graph.output('y', slice(y, 0, 0, 1));
  return graph;
}

const x = new Float32Array(PEAK_SIZE * PEAK_SIZE).fill(0.01);
async function peakRate(program: Program): Promise<number> {
  let best = 0;
  for (let i = 0; i < 5; i++) {
    const t = performance.now();
    await program.run({ x });
    best = Math.max(best, (2 * PEAK_SIZE ** 3) / ((performance.now() - t) * 1e6));
  }
  return best;
}

const [folder, setting, rounds, length] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(`${JSON.stringify(await main(folder, setting ?? 'default', Number(rounds ?? 5), Number(length ?? 512)))}\n`);
