/** Child process of the graph-cache benchmark: prints one JSON report. Arguments: model folder, cache folder, settings (prepack). */

import { sftTrain } from '../src/shared/methods/sft.ts';
import { loraAdapter } from '../src/shared/schema/recipe.ts';
import { engineMethod } from '../src/main/engine/methods/index.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import { ProgramPool } from '../src/main/engine/train/program-pool.ts';

/** `graphMs`: until the planner knows what the step costs and its graph is at hand; `sessionMs`: from there to a program that can run, `createMs` of it inside onnxruntime. */
export interface StartReport { graphMs: number; sessionMs: number; createMs: number; userMs: number; systemMs: number; onnxNodes: number }

async function main(model: string, cache: string, settings: readonly string[]): Promise<StartReport> {
  const loaded = loadModel({ modelFolder: model, start: null, adapter: loraAdapter.parse({ r: 16, target_modules: 'all-linear' }) });
  const config = sftTrain.parse({ per_device_train_batch_size: 1, max_length: 512 });
  const before = process.cpuUsage(), started = performance.now();
  const pool = new ProgramPool({
    spec: { model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method: engineMethod('sft'), config }, threads: 2, prepack: settings.includes('prepack'), recompute: false,
    cacheFolder: cache,
  });
  const shape = { rows: 1, length: 512, losses: 512, examples: 0 };
  pool.cost('train', shape);
  pool.graph('train', shape);
  const planned = performance.now();
  const program = await pool.get('train', shape);
  const done = performance.now(), used = process.cpuUsage(before);
  return { graphMs: planned - started, sessionMs: done - planned, createMs: program.createMs, userMs: used.user / 1000, systemMs: used.system / 1000, onnxNodes: program.onnxNodes };
}

const [model, cache, ...settings] = process.argv.slice(2);
if (model !== undefined && cache !== undefined) process.stdout.write(`${JSON.stringify(await main(model, cache, settings))}\n`);
