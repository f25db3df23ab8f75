/** What a run will really do and what memory it needs, worked out from the graph that will run, before anything is loaded. Memory is an estimate. */
import type { MemoryPlan, WillRun } from '../../../shared/schema/review.ts';
import type { Job } from '../protocol.ts';
import { countFlops, planMemory } from '../graph/stats.ts';
import { parameterCount } from '../models/parameters.ts';
import { loadModel } from '../train/load.ts';
import type { TrainOptions } from '../train/options.ts';
import { prepareRun, type RunSetup } from '../train/setup.ts';

/** Resident memory of an engine before it has loaded anything, measured once on Linux with Node 24. */
const RUNTIME_BYTES = 160e6;
const FLOAT = 4;

export function planRun(job: Job, options: TrainOptions, available: number): { plan: MemoryPlan; run: WillRun } {
  const setup = prepareRun({ ...options, resume: null }, loadModel(options));
  const bucket = setup.buckets.at(-1)!;
  const graph = setup.pool.graph('train', { rows: options.config.per_device_train_batch_size, ...bucket });
  return { plan: memoryPlan(setup, planMemory(graph), available), run: describe(job, setup, countFlops(graph) / 1e9) };
}

function memoryPlan(setup: RunSetup, graph: ReturnType<typeof planMemory>, available: number): MemoryPlan {
  const { trainables } = setup.loaded;
  const values = trainables.length * FLOAT;
  const parts = {
    weights: graph.castWeights > 0 ? Math.max(graph.weights, graph.castWeights) : graph.weights, prepacked: graph.prepacked, activations: graph.peak,
    gradients: values * 2, // those of the step, and their sum
    optimizer: values * (setup.state.previous === null ? 3 : 6), // values and two moments; twice where the last good step is kept
    runtime: RUNTIME_BYTES,
  };
  const total = Object.values(parts).reduce((a, b) => a + b, 0);
  const fits = total <= available;
  return { ...parts, total, available, fits, remedies: fits ? [] : remedies(setup) };
}

/** The cheapest first. */
function remedies(setup: RunSetup): string[] {
  const { config, adapter } = setup.options;
  const list: string[] = [];
  if (config.per_device_train_batch_size > 1) list.push(`per_device_train_batch_size ${Math.max(1, config.per_device_train_batch_size >> 1)} with gradient_accumulation_steps ${config.gradient_accumulation_steps * 2}`);
  if (!config.gradient_checkpointing) list.push('gradient_checkpointing on');
  list.push(`max_length ${config.max_length >> 1}`);
  if (adapter === null) list.push('a LoRA adapter instead of all weights');
  return list.slice(0, 3);
}

function describe(job: Job, setup: RunSetup, gflop: number): WillRun {
  const { train } = job.recipe;
  const { data, order, total, buckets } = setup;
  const { trainables, model } = setup.loaded;
  const tokens = data.sizes.reduce((n, s) => n + s.tokens, 0);
  const every = (n: number): number => (n > 0 ? Math.ceil(total / n) : 1);
  return {
    total_steps: total, epochs: total / order.stepsPerEpoch, rows: data.packed.reduce((n, row) => n + row.length, 0), packed_rows: data.sizes.length, fill: tokens / slotsOf(setup), row_length: buckets.at(-1)!.length,
    tokens_per_step: tokens / order.stepsPerEpoch, trainable_parameters: trainables.length, total_parameters: parameterCount(model.family.parameters(model.config)),
    modules: trainables.lora === undefined ? ['all weights'] : [...new Set(trainables.lora.slots.map((s) => s.module.split('.').at(-1) ?? s.module))],
    gflop_per_step: gflop * train.gradient_accumulation_steps, checkpoint_bytes: trainables.length * FLOAT * 3, checkpoints: Math.min(train.save_total_limit, every(train.save_steps)),
    evaluations: job.eval_dir === null ? 0 : every(train.eval_steps), threads: job.threads, precision: 'float32',
  };
}

/** Slots of one epoch's batches, padding included. */
function slotsOf(setup: RunSetup): number {
  const { order, data, buckets, options } = setup;
  let slots = 0;
  for (let step = 0; step < order.stepsPerEpoch; step++) for (const batch of order.window(step).batches) {
    const longest = Math.max(...batch.map((row) => data.sizes[row]!.tokens));
    slots += options.config.per_device_train_batch_size * (buckets.find((b) => b.length >= longest) ?? buckets.at(-1)!).length;
  }
  return slots;
}
