/** One device, one process: steps of a model shape (LoRA, or all weights) and greedy decoding. Arguments: JSON of `DeviceCase`. Prints one JSON line. */

import { tmpdir } from 'node:os';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import type { Precision, ProviderId } from '../../src/shared/schema/device.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { probeDevice } from '../../src/main/engine/services/devices/probe.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { settleOptimiser } from '../../src/main/engine/train/optimiser/index.ts';
import { prepareRun } from '../../src/main/engine/train/setup.ts';
import { trainStep } from '../../src/main/engine/train/train-step.ts';

export interface DeviceCase { folder: string; device: ProviderId; precision: Precision; rows: number[][]; steps: number; tokens: number; threads: number; /** Train an adapter, or all weights. */ train: 'lora' | 'full'; /** Where the optimiser is to be; a device that cannot hold it has it in the process. */ optimiser: 'device' | 'host' }
export interface DeviceReport { /** Where the optimiser was. */ optimiser: 'device' | 'host'; /** Per step. */ bytes_to_device: number; bytes_from_device: number; step_ms: number[]; losses: number[]; setup_seconds: number; decode_tokens_per_second: number; peak_rss: number; probe: Awaited<ReturnType<typeof probeDevice>> }

async function main(c: DeviceCase): Promise<DeviceReport> {
  const probe = await probeDevice(c.device, c.threads);
  if (!probe.ok) throw new Error(probe.reason ?? 'the device does not work');
  if (c.precision === 'fp16' && !probe.half) throw new Error('the device reports no float16');
  const adapter = c.train === 'full' ? null : loraAdapter.parse({ r: 16, target_modules: 'all-linear' });
  const length = Math.max(...c.rows.map((r) => r.length));
  const config = sftTrain.parse({ per_device_train_batch_size: c.rows.length, max_length: length, max_steps: 1000, shuffle: false, learning_rate: 1e-4, lr_scheduler_type: 'constant' });
  const began = performance.now(), loaded = loadModel({ modelFolder: c.folder, start: null, adapter });
  const rows = c.rows.map((ids, source) => ({ ids: Int32Array.from(ids), mask: new Uint8Array(ids.length).fill(1), truncated: false, source }));
  const setup = prepareRun({ method: 'sft', config, adapter, modelFolder: c.folder, start: null, rows, evalRows: [], runFolder: tmpdir(), resume: null, threads: c.threads, recipeHash: 'bench', device: c.device, half: c.precision === 'fp16', ...(c.optimiser === 'host' ? { optimiser: 'host' } : {}) }, loaded);
  const note = await settleOptimiser(setup), { place } = setup.optimiser;
  if (note !== null) process.stderr.write(`${note}\n`);
  const losses: number[] = [], stepMs: number[] = [];
  losses.push((await trainStep(setup)).loss); // compiles shaders; its loss is the base's, so both sides can be compared
  const setupSeconds = (performance.now() - began) / 1000;
  losses.push((await trainStep(setup)).loss);
  const { traffic } = setup.pool;
  Object.assign(traffic, { toDevice: 0, fromDevice: 0 });
  for (let i = 0; i < c.steps; i++) {
    const t = performance.now();
    losses.push((await trainStep(setup)).loss);
    stepMs.push(performance.now() - t);
  }
  const crossed = { bytes_to_device: traffic.toDevice / c.steps, bytes_from_device: traffic.fromDevice / c.steps };
  await setup.optimiser.dispose();
  await setup.pool.dispose();
  const generator = createGenerator({ model: loaded.model, weights: loaded.weights }, { threads: c.threads, device: c.device });
  const request = { prompts: [c.rows[0]!.slice(0, 64)], sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: c.tokens };
  await generator.generateBatch(request);
  const t = performance.now();
  const [made] = await generator.generateBatch(request);
  const decode = made!.tokens.length / ((performance.now() - t) / 1000);
  await generator.dispose();
  return { optimiser: place, ...crossed, step_ms: stepMs, losses, setup_seconds: setupSeconds, decode_tokens_per_second: decode, peak_rss: process.resourceUsage().maxRSS * 1024, probe };
}

const [given] = process.argv.slice(2);
if (given !== undefined) {
  try { process.stdout.write(`${JSON.stringify(await main(JSON.parse(given) as DeviceCase))}\n`); } catch (e) { process.stdout.write(`${JSON.stringify({ error: e instanceof Error ? e.message : String(e) })}\n`); process.exitCode = 1; }
}
