/** What a run will really do and what memory it needs, worked out from the graph that will run, before anything is loaded. Memory is an estimate. */
import type { MemoryPlan, WillRun } from '../../../shared/schema/review.ts';
import type { Job } from '../protocol.ts';
import { parameterCount } from '../models/parameters.ts';
import { loadModel } from '../train/load.ts';
import type { TrainOptions } from '../train/options.ts';
import { planStep } from '../train/plan.ts';
import { prepareRun, type RunSetup } from '../train/setup.ts';

const FLOAT = 4;

export function planRun(job: Job, options: TrainOptions, available: number): { plan: MemoryPlan; run: WillRun } {
  const setup = prepareRun({ ...options, resume: null }, loadModel(options));
  const { memory, gflop } = planStep(setup);
  const fits = memory.total <= available;
  return { plan: { ...memory, available, fits, remedies: fits ? [] : remedies(setup) }, run: describe(job, setup, gflop) };
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
    gflop_per_step: gflop, checkpoint_bytes: trainables.length * FLOAT * 3, checkpoints: Math.min(train.save_total_limit, every(train.save_steps)),
    evaluations: job.eval_dir === null ? 0 : every(train.eval_steps), threads: job.threads, precision: 'float32',
  };
}

/** Slots of one epoch's batches, padding included. */
function slotsOf(setup: RunSetup): number {
  const { order, data, buckets } = setup;
  let slots = 0;
  for (let step = 0; step < order.stepsPerEpoch; step++) for (const batch of order.window(step).batches) {
    const longest = Math.max(...batch.map((row) => data.sizes[row]!.tokens));
    slots += setup.batchRows * (buckets.find((b) => b.length >= longest) ?? buckets.at(-1)!).length;
  }
  return slots;
}
