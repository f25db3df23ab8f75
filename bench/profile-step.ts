/**
 * Child process of `npm run bench -- profile`: one training step as the loop runs it, on the rows that are measured beside TRL; its time outside the graph by hand, inside it by onnxruntime's profile. Prints one JSON report.
 *   node bench/profile-step.ts <folder of train-prepare> <row> <fp32|int8> <steps>
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipe } from '../src/shared/schema/recipe.ts';
import type { Program } from '../src/main/engine/runtime/session.ts';
import { compile } from '../src/main/engine/runtime/session.ts';
import { encodeJob } from '../src/main/engine/services/encode-job.ts';
import { trainOptions } from '../src/main/engine/services/train-options.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import type { ProgramPool } from '../src/main/engine/train/program-pool.ts';
import { prepareRun, warmUp, type RunSetup } from '../src/main/engine/train/setup.ts';
import { trainStep } from '../src/main/engine/train/train-step.ts';
import { peakProgram, peakRate } from './matmul-peak.ts';
import { MAX_LENGTH, ROWS } from './peer/train-settings.ts';
import { readProfile, type Profile } from './profile-parts.ts';

export interface StepProfile {
  row: string; compute: string;
  /** Medians of steps without the profiler: whole; inside onnxruntime (runs of a step added up); gradient norm and AdamW; the rest is collecting rows, feeds and outputs. */
  stepMs: number; runMs: number; updateMs: number; outsideMs: number;
  runs: number; slots: number; tokens: number;
  /** The profiler's own cost is in its runMs, not in this. Of the last run of a step. */
  profile: Profile;
  peakGflops: number; peakInt8: number;
  nodes: number; modelWeights: number; trained: number;
}

const THREADS = 2;
const RANK = 16;

async function main(folder: string, rowId: string, compute: string, steps: number): Promise<StepProfile> {
  const row = ROWS.find((r) => r.id === rowId);
  if (row === undefined) throw new Error(`No row is called ${rowId}; there are ${ROWS.map((r) => r.id).join(', ')}.`);
  const work = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  const model = join(folder, 'models/135m'), data = join(folder, row.method === 'sft' ? 'completions.jsonl' : 'pairs.jsonl');
  try {
    const job = {
      recipe: recipe.parse({
        method: row.method, model, data: { train: data }, adapter: row.full === true ? 'none' : { r: RANK, lora_alpha: 32, target_modules: 'all-linear' }, health: { probes: 0 },
        train: { max_steps: 100, per_device_train_batch_size: row.batch, max_length: MAX_LENGTH, ...(row.method === 'sft' ? { packing: true } : {}), shuffle: false, learning_rate: row.learningRate, lr_scheduler_type: 'constant', logging_steps: 1, eval_steps: 0, save_steps: 0, compute },
      }),
      model: { folder: model, checkpoint: null, chat_template: null }, train_dir: readFileSync(`${data}.dir`, 'utf8'), eval_dir: null, run_dir: work, resume: null, threads: THREADS,
    };
    const { rows } = await encodeJob(job);
    const options = trainOptions(job, rows, [], 'profile');
    const loaded = loadModel(options);
    const setup = prepareRun(options, loaded);
    const seen = watch(setup);
    await warmUp(setup);
    const peak = await peakProgram(THREADS), int8 = await peakProgram(THREADS, 'int8');
    const times: { step: number; run: number; update: number; runs: number; peak: number }[] = [];
    let peakInt8 = 0, tokens = 0;
    for (let i = 0; i < steps + 1; i++) {
      Object.assign(seen, { run: 0, update: 0, runs: 0 });
      const begun = performance.now();
      tokens = (await trainStep(setup)).tokens;
      const step = performance.now() - begun;
      // The first step touches what the steps after it find warm.
      if (i > 0) times.push({ step, run: seen.run, update: seen.update, runs: seen.runs, peak: await peakRate(peak) });
      peakInt8 = Math.max(peakInt8, await peakRate(int8, 'int8'));
    }
    await peak.dispose();
    await int8.dispose();
    const [kind, shape] = seen.asked!;
    const graph = setup.pool.graph(kind, shape), prepack = setup.pool.prepack;
    await setup.pool.dispose();
    const prefix = join(work, 'profile');
    const program = await compile(graph, { threads: THREADS, spin: true, prepack, optimization: 'disabled', profile: prefix });
    for (let i = 0; i < 3; i++) await program.run(seen.feeds!);
    await program.dispose();
    await setup.optimiser.dispose();
    const { hiddenSize, intermediateSize, vocabSize } = loaded.model.config;
    const profile = readProfile(prefix, graph, { hidden: hiddenSize, intermediate: intermediateSize, vocabulary: vocabSize, thin: row.full === true ? 0 : 3 * RANK });
    return {
      row: rowId, compute, stepMs: median(times.map((t) => t.step)), runMs: median(times.map((t) => t.run)), updateMs: median(times.map((t) => t.update)), outsideMs: median(times.map((t) => t.step - t.run - t.update)), runs: times[0]!.runs, slots: shape.rows * shape.length, tokens,
      profile, peakGflops: median(times.map((t) => t.peak)), peakInt8, nodes: graph.nodes.length, modelWeights: [...loaded.weights.values()].reduce((n, w) => n + w.shape.reduce((a, b) => a * b, 1), 0), trained: loaded.trainables.length,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Seen { run: number; update: number; runs: number; asked?: Parameters<ProgramPool['get']>; feeds?: Parameters<Program['run']>[0] }

/** Clocks around the runs of the program and the update, and what was fed last; nothing else of the step is changed. */
function watch(setup: RunSetup): Seen {
  const seen: Seen = { run: 0, update: 0, runs: 0 };
  const clock = <T>(key: 'run' | 'update', begun: number, result: T): T => { seen[key] += performance.now() - begun; return result; };
  const { pool, optimiser } = setup;
  const [get, norm, update] = [pool.get.bind(pool), optimiser.norm.bind(optimiser), optimiser.update.bind(optimiser)];
  pool.get = async (...asked) => {
    const program = await get(...asked);
    seen.asked = asked;
    return { ...program, run: async (feeds, ...more) => { seen.feeds = feeds; seen.runs++; const begun = performance.now(); return clock('run', begun, await program.run(feeds, ...more)); } };
  };
  optimiser.norm = async (scale) => { const begun = performance.now(); return clock('update', begun, await norm(scale)); };
  optimiser.update = async (given) => { const begun = performance.now(); clock('update', begun, await update(given)); };
  return seen;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

const [folder, row = 'sft-lora', compute = 'fp32', steps = '5'] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(`${JSON.stringify(await main(folder, row, compute, Number(steps)))}\n`);
