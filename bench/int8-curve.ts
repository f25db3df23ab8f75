/**
 * The same run in fp32 and in int8: losses step by step, and the held-out loss at the end, measured in fp32 for both (and in int8 for the int8 run). Prints one JSON line.
 *   node bench/int8-curve.ts <model folder> <sft | dpo> <seed> <steps>
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importDataset } from '../src/main/data/version/import-dataset.ts';
import { encodeJob } from '../src/main/engine/services/encode-job.ts';
import { trainRun } from '../src/main/engine/train/index.ts';
import { evaluate } from '../src/main/engine/train/evaluate.ts';
import { initialValues, loadModel } from '../src/main/engine/train/load.ts';
import type { TrainOptions } from '../src/main/engine/train/options.ts';
import { prepareRun } from '../src/main/engine/train/setup.ts';
import { trainableFeeds } from '../src/main/engine/train/trainables.ts';
import { recipe } from '../src/shared/schema/recipe.ts';

export interface Curve { losses: number[]; /** Held-out measures in fp32, whatever the run was trained in. */ heldOut: Record<string, number>; /** As the run itself computes. */ own: Record<string, number>; stepMs: number[] }
export interface CurveReport { fp32: Curve; int8: Curve; start: Record<string, number>; settings: Record<string, number | string> }

const DATA = join(import.meta.dirname, '../resources/demo/data');
/** Every row has its own text; the rates are those that learn in so few steps. */
const SETTINGS = {
  sft: { train: 'instruct-train.jsonl', eval: 'instruct-heldout.jsonl', per_device_train_batch_size: 2, max_length: 256, packing: true, learning_rate: 5e-4 },
  dpo: { train: 'preference-train.jsonl', eval: 'preference-heldout.jsonl', per_device_train_batch_size: 8, max_length: 192, learning_rate: 2e-4, beta: 0.1 },
} as const;
const EVAL_ROWS = 128;

async function main(model: string, method: 'sft' | 'dpo', seed: number, steps: number): Promise<CurveReport> {
  const folder = mkdtempSync(join(tmpdir(), 'int8-curve-'));
  try {
    const { train, eval: held, ...config } = SETTINGS[method];
    const dirs = await Promise.all([train, held].map(async (name) => (await importDataset(join(DATA, name), join(folder, name))).dir));
    const parsed = recipe.parse({
      method, model, data: { train: dirs[0]!, eval: dirs[1]!, eval_rows: EVAL_ROWS }, adapter: { r: 16, target_modules: 'all-linear' },
      train: { ...config, max_steps: steps, seed, warmup_steps: 5, lr_scheduler_type: 'linear', eval_steps: 0, save_steps: 0, logging_steps: 1 },
    });
    const job = { recipe: parsed, model: { folder: model, checkpoint: null, chat_template: 'chatml' }, train_dir: dirs[0]!, eval_dir: dirs[1]!, run_dir: folder, resume: null, threads: 2 };
    const { rows, evalRows } = await encodeJob(job);
    const optionsOf = (compute: 'fp32' | 'int8'): TrainOptions => ({
      method, config: { ...parsed.train, compute }, adapter: parsed.adapter === 'none' ? null : parsed.adapter, modelFolder: model, start: null, rows, evalRows, runFolder: join(folder, compute), resume: null, threads: 2, recipeHash: 'int8',
    });
    const run = async (compute: 'fp32' | 'int8'): Promise<Curve> => {
      const curve: Curve = { losses: [], heldOut: {}, own: {}, stepMs: [] };
      const { checkpoint } = await trainRun(optionsOf(compute), (event) => {
        if (event.type !== 'metric') return;
        if (event.values['loss'] !== undefined) { curve.losses.push(event.values['loss']); curve.stepMs.push(1000 * (event.values['step_seconds'] ?? 0)); }
        for (const [name, value] of Object.entries(event.values)) if (name.startsWith('eval_')) curve.own[name] = value;
      });
      curve.heldOut = await heldOut(optionsOf('fp32'), checkpoint);
      return curve;
    };
    const start = await heldOut(optionsOf('fp32'), null);
    const fp32 = await run('fp32');
    return { start, fp32, int8: await run('int8'), settings: { method, seed, steps, ...config, packing: String(method === 'sft'), r: 16, eval_rows: evalRows.length } };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** The held-out rows under the base with this adapter (null: the adapter as it begins), in fp32. */
async function heldOut(options: TrainOptions, checkpoint: string | null): Promise<Record<string, number>> {
  const loaded = loadModel(options);
  const setup = prepareRun(options, loaded);
  try {
    const values = checkpoint === null ? setup.state.adam.values : initialValues(loaded, { ...options, start: { folder: checkpoint, kind: 'adapter' } });
    return await evaluate({ data: setup.evalData!, batchSize: 8, pool: setup.pool, weights: trainableFeeds(loaded.trainables, values), bucketLimit: 2, method: setup.method, reference: setup.evalReference, state: setup.state.method });
  } finally { await setup.pool.dispose(); }
}

const [model, method, seed, steps] = process.argv.slice(2);
if (model !== undefined && (method === 'sft' || method === 'dpo')) process.stdout.write(`${JSON.stringify(await main(model, method, Number(seed ?? 1), Number(steps ?? 60)))}\n`);
