/** Child process of the adapter benchmark: prints one JSON report. Arguments: model folder, setting, rounds. */

import { tmpdir } from 'node:os';
import { sftTrain } from '../src/shared/methods/sft.ts';
import { loraAdapter } from '../src/shared/schema/recipe.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { loadModel } from '../src/main/engine/train/load.ts';
import { planStep } from '../src/main/engine/train/plan.ts';
import { measureQuantisation } from '../src/main/engine/train/quantisation-loss.ts';
import { prepareRun } from '../src/main/engine/train/setup.ts';
import { trainStep } from '../src/main/engine/train/train-step.ts';

export interface AdapterReport { stepMs: number[]; peakRss: number; /** Before the first step, with the measurement of a 4-bit base. */ setupRss: number; plannedBytes: number; setupSeconds: number; costSeconds: number }

const SETTINGS: Record<string, { adapter: Record<string, unknown>; prepack: boolean; recompute: boolean; cost?: boolean }> = {
  lora: { adapter: {}, prepack: true, recompute: false }, dora: { adapter: { use_dora: true }, prepack: true, recompute: false }, pissa_niter_4: { adapter: { init_lora_weights: 'pissa_niter_4' }, prepack: true, recompute: false },
  'lora lean': { adapter: {}, prepack: false, recompute: true }, nf4: { adapter: { load_in_4bit: true }, prepack: true, recompute: false }, 'nf4 lean': { adapter: { load_in_4bit: true }, prepack: false, recompute: true },
  'nf4 lean, cost measured': { adapter: { load_in_4bit: true }, prepack: false, recompute: true, cost: true },
};
export const ADAPTER_SETTINGS = Object.keys(SETTINGS);

async function main(folder: string, name: string, rounds: number): Promise<AdapterReport> {
  const { adapter: more, prepack, recompute, cost = false } = SETTINGS[name]!;
  const adapter = loraAdapter.parse({ r: 16, ...more });
  const config = sftTrain.parse({ per_device_train_batch_size: 1, max_length: 512, max_steps: 100, gradient_checkpointing: recompute });
  const began = performance.now();
  const loaded = loadModel({ modelFolder: folder, start: null, adapter });
  const random = new Random(1);
  const row = { ids: Int32Array.from({ length: 512 }, () => random.below(loaded.model.config.vocabSize)), mask: new Uint8Array(512).fill(1), truncated: false, source: 0 };
  const options = { method: 'sft' as const, config, adapter, modelFolder: folder, start: null, rows: [row], evalRows: [], runFolder: tmpdir(), resume: null, threads: 2, recipeHash: 'bench', prepack };
  const setup = prepareRun(options, loaded);
  const measuring = performance.now();
  if (cost) await measureQuantisation(loaded, options);
  const costSeconds = (performance.now() - measuring) / 1000;
  const plannedBytes = planStep(setup).memory.total;
  await setup.pool.get('train', { rows: 1, ...setup.buckets[0]! });
  const setupSeconds = (performance.now() - began) / 1000 - costSeconds;
  const setupRss = process.resourceUsage().maxRSS * 1024;
  for (let i = 0; i < 2; i++) await trainStep(setup);
  const stepMs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const t = performance.now();
    await trainStep(setup);
    stepMs.push(performance.now() - t);
  }
  return { stepMs, peakRss: process.resourceUsage().maxRSS * 1024, setupRss, plannedBytes, setupSeconds, costSeconds };
}

const [folder, setting, rounds] = process.argv.slice(2);
if (folder !== undefined && setting !== undefined && process.argv[1]?.endsWith('adapter-step.ts') === true) process.stdout.write(`${JSON.stringify(await main(folder, setting, Number(rounds ?? 5)))}\n`);
