/** What a run will really do and what memory it needs, worked out from the graph that will run, before anything is loaded. Memory is an estimate. */
import type { MemoryPlan, WillRun } from '../../../shared/schema/review.ts';
import type { Job } from '../protocol.ts';
import { proofsFor } from '../../../shared/int8-proof.ts';
import { parameterCount } from '../models/parameters.ts';
import { loadModel, type LoadedModel } from '../train/load.ts';
import type { TrainOptions } from '../train/options.ts';
import { budgetOf, freeMemory } from '../train/plan/budget.ts';
import { remediesFor } from '../train/plan/remedies.ts';
import { planStep } from '../train/plan.ts';
import { microShapes } from '../train/micro-runs.ts';
import { precomputes, syncsReference } from '../train/reference.ts';
import { prepareRun, type RunSetup } from '../train/setup.ts';

const FLOAT = 4;

export function planRun(job: Job, options: TrainOptions): { plan: MemoryPlan; run: WillRun } {
  if (options.rows.length === 0) return planNothing(job, options);
  const setup = prepareRun({ ...options, resume: null }, loadModel(options), { values: false });
  const { memory, gflop } = planStep(setup);
  const { free, budget, fits, reasons, card } = setup.plan;
  return { plan: { ...memory, available: free, budget, fits, reasons, ...(card === undefined ? {} : { card }), remedies: fits ? [] : remediesFor(options, setup.plan) }, run: describe(job, setup, gflop) };
}

/** No row can be trained on, so nothing will run and nothing is needed; the model is still looked at. */
function planNothing(job: Job, options: TrainOptions): { plan: MemoryPlan; run: WillRun } {
  const { trainables, model } = loadModel(options);
  const free = freeMemory({ own: false });
  return {
    plan: { weights: 0, prepacked: 0, activations: 0, gradients: 0, optimizer: 0, evaluation: 0, generation: 0, reference: 0, runtime: 0, total: 0, available: free, budget: budgetOf(free, options.memoryLimit ?? null), fits: true, reasons: [], remedies: [] },
    run: { total_steps: 0, epochs: 0, rows: 0, packed_rows: 0, fill: 0, row_length: 0, tokens_per_step: 0, ...trainedParts({ trainables, model }), gflop_per_step: 0, checkpoint_bytes: 0, checkpoints: 0, evaluations: 0, threads: job.threads, precision: 'float32' },
  };
}

function trainedParts({ trainables, model }: Pick<LoadedModel, 'trainables' | 'model'>): Pick<WillRun, 'trainable_parameters' | 'total_parameters' | 'modules'> {
  const total = parameterCount(model.family.parameters(model.config));
  return {
    trainable_parameters: trainables.length, total_parameters: total,
    modules: trainables.lora === undefined ? [trainables.length < total ? `${trainables.ranges.length} parameters that are not frozen` : 'all weights'] : [...new Set([...trainables.lora.slots.map((s) => s.module.split('.').at(-1) ?? s.module), ...trainables.lora.replaced.map((r) => r.name.split('.').slice(-2).join('.'))])],
  };
}

function describe(job: Job, setup: RunSetup, gflop: number): WillRun {
  const { train } = job.recipe;
  const { data, order, total, buckets } = setup;
  const { trainables } = setup.loaded;
  const tokens = data.sizes.reduce((n, s) => n + s.tokens, 0);
  const every = (n: number): number => (n > 0 ? Math.ceil(total / n) : 1);
  return {
    total_steps: total, epochs: total / order.stepsPerEpoch, rows: data.packed.reduce((n, row) => n + row.length, 0), packed_rows: data.sizes.length, fill: tokens / slotsOf(setup), row_length: buckets.at(-1)!.length,
    tokens_per_step: tokens / order.stepsPerEpoch, ...trainedParts(setup.loaded),
    gflop_per_step: gflop, checkpoint_bytes: trainables.length * FLOAT * 3, checkpoints: Math.min(train.save_total_limit, every(train.save_steps)),
    evaluations: job.eval_dir === null ? 0 : every(train.eval_steps), threads: job.threads, precision: precisionOf(job, setup),
    ...(setup.context.execution.compute === 'int8' ? { int8: proofsFor(job.recipe.method, parameterCount(setup.loaded.model.family.parameters(setup.loaded.model.config))) } : {}),
    ...referenceCost(setup),
  };
}

function precisionOf({ recipe }: Job, { loaded, context }: RunSetup): string {
  if (context.execution.compute === 'int8') return 'float32, int8';
  return loaded.fourBit === undefined || recipe.adapter === 'none' ? 'float32' : `float32, ${recipe.adapter.bnb_4bit_quant_type} base`;
}

/** What the reference costs in the whole run: each row is scored once and remembered, or again after the reference has moved. An estimate from the graph that runs. */
function referenceCost(setup: RunSetup): Pick<WillRun, 'reference'> {
  const { reference, order, total, pool, options } = setup;
  if (reference === null) return {};
  const epochs = total / order.stepsPerEpoch;
  const passes = syncsReference(options.config) ? epochs : Math.min(1, epochs);
  const costs = new Map<number, number>();
  let flops = 0;
  for (let step = 0; step < order.stepsPerEpoch; step++) for (const batch of order.window(step).batches) {
    const { shape, runs } = microShapes(setup, batch);
    const cost = costs.get(shape.length) ?? pool.cost('reference', shape).flops;
    costs.set(shape.length, cost);
    flops += cost * runs;
  }
  const how = (options.reference ?? null) !== null ? 'model' : options.adapter === null ? 'copy' : 'adapter-off';
  return { reference: { how, precomputed: precomputes(options.config), passes, gflop: (flops * passes) / 1e9 } };
}

/** Slots of one epoch's batches, padding included. */
function slotsOf(setup: RunSetup): number {
  const { order } = setup;
  let slots = 0;
  for (let step = 0; step < order.stepsPerEpoch; step++) for (const batch of order.window(step).batches) {
    const { shape, runs } = microShapes(setup, batch);
    slots += runs * shape.rows * shape.length;
  }
  return slots;
}
