/** Phase 2: data order, buckets, compiled steps, optimiser state (fresh or resumed). The longest bucket runs once with nothing to learn, so that a run that does not fit fails here and not hours later. */

import { existsSync } from 'node:fs';
import { engineMethod } from '../methods/index.ts';
import { withoutPadding } from '../methods/scored-rows.ts';
import { parameterCount } from '../models/parameters.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import { paddingId } from '../models/reward-config.ts';
import type { EngineMethod } from '../methods/method.ts';
import { reals } from '../optim/reals.ts';
import { createSchedule } from '../optim/schedules.ts';
import { collate } from './batch.ts';
import { checkPositions } from './check-positions.ts';
import type { Bucket } from './buckets.ts';
import { readCheckpoint, readTrainerState, type CheckpointContext } from './checkpoint.ts';
import { collectGarbage } from './collect-garbage.ts';
import { DataOrder, totalSteps } from './data-order.ts';
import { dropoutFeeds } from './dropout.ts';
import { fillFourBit, fourBitBytes } from './four-bit-base.ts';
import { fillInt8, int8Bytes, type Int8Base } from './int8-base.ts';
import { int8Layers } from './int8-choice.ts';
import type { JoinPlan } from './joined-rows.ts';
import { fileReader, initialValues, type LoadedModel } from './load.ts';
import { LossScale } from './loss-scale.ts';
import { noiseAlpha, noiseFeeds } from './neftune.ts';
import { HostOptimiser, type Optimiser } from './optimiser/index.ts';
import type { TrainOptions } from './options.ts';
import { planLayout, type RunPlan } from './plan/run-plan.ts';
import type { ProgramPool } from './program-pool.ts';
import { Reference, referenceOf, syncsReference } from './reference.ts';
import { createRunState, type RunState } from './run-state.ts';
import { prepareData, type TrainData } from './train-data.ts';
import { lossScaleFeeds, stateFeeds } from './train-step.ts';
import { TIED_HEAD } from './trainables.ts';

export type { RunPlan } from './plan/run-plan.ts';

export interface RunSetup {
  options: TrainOptions;
  loaded: LoadedModel;
  method: EngineMethod;
  data: TrainData;
  /** Held-out rows, unpacked; null when there are none. */
  evalData: TrainData | null;
  order: DataOrder;
  buckets: readonly Bucket[];
  /** Rows of a compiled step: the batch size, all rows where there are fewer, fewer where the planner splits batches; 1 where rows are joined. */
  batchRows: number;
  /** Rows of a micro-batch lie side by side in runs of one long row each; null: each has a padded row of its own. */
  joined: JoinPlan | null;
  /** How it is computed, and the memory for it. */
  plan: RunPlan;
  /** What the log should say before the start. */
  notes: readonly string[];
  pool: ProgramPool;
  /** In this process, until `settleOptimiser` moves it to the device. */
  optimiser: Optimiser;
  /** Frozen policy that rewards are measured against, for training rows and for held-out rows; null where the method needs none. */
  reference: Reference | null;
  evalReference: Reference | null;
  state: RunState;
  total: number;
  schedule: (step: number) => number;
  context: CheckpointContext;
}

/** Each bucket is a session with its own packed weights: several only where the frozen weights are small or absent. */
const SMALL_WEIGHTS = 200e6;
const SMALL_BUCKETS = 4;

/** `values: false` only lays the run out, for a look at what it would need: nothing is read or initialised. `check` sees the plan before anything large is held, and may throw. */
export function prepareRun(options: TrainOptions, loaded: LoadedModel, { values = true, check }: { values?: boolean; check?: (plan: RunPlan) => void } = {}): RunSetup {
  const { config } = options;
  const method = engineMethod(options.method);
  for (const rows of [options.rows, options.evalRows]) checkPositions(loaded.model.config, rows, config.max_length);
  const [rows, evalRows] = [options.rows, options.evalRows].map((r) => (method.head === 'score' ? withoutPadding(r, paddingId(loaded.model.config.raw)) : r)) as [typeof options.rows, typeof options.rows];
  const data = prepareData(rows, config, method);
  const evalData = evalRows.length === 0 ? null : prepareData(evalRows, { ...config, packing: false }, method);
  const order = new DataOrder({ rows: data.sizes.length, batchSize: config.per_device_train_batch_size, accumulation: config.gradient_accumulation_steps, shuffle: config.shuffle, seed: config.seed });
  const total = totalSteps(order, config.max_steps, config.num_train_epochs);
  const batches = firstBatches(order, total);
  const saved = options.resume === null ? null : readTrainerState(options.resume).execution;
  const compute = config.compute === 'auto' ? (saved?.compute ?? 'fp32') : config.compute;
  const int8 = int8Layers(compute, loaded, options.device, options.int8Cache);
  const fill8 = (): void => { if (int8 !== undefined) fillInt8(int8, loaded.model, fileReader(loaded), options.threads); };
  const spec = { model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, fourBit: loaded.fourBit, int8, method, config };
  const plan = planLayout({
    options, loaded, method, data, evalData, batches, steps: total, bucketLimit: bucketLimit(loaded), overhead: runOverhead(loaded), saved, own: values,
    pool: { spec, threads: options.threads, provider: options.device, half: options.half ?? false, cacheFolder: options.graphCache, before: () => { if (int8?.file !== undefined && !existsSync(int8.file.path)) fill8(); } },
  });
  check?.(plan);
  const { buckets, batchRows, joined, pool, choice: { prepack, ...layout } } = plan.layout;
  const execution = { threads: options.threads, prepack, compute, layout };
  if (values) fill8();
  if (values && loaded.fourBit !== undefined) {
    fillFourBit(loaded.fourBit, loaded.model, fileReader(loaded));
    // Every layer was in memory as float32 for a moment.
    collectGarbage();
  }
  const wanted = method.reference?.(config) === true;
  // A checkpoint brings all values with it; a reference needs those that the run began with.
  const first = values && (options.resume === null || wanted) ? initialValues(loaded, options) : reals(loaded.trainables.length);
  // These are part of graphs, and were not known to the plan.
  if (values && (loaded.fourBit !== undefined || int8?.values !== undefined || loaded.trainables.lora?.slots.some((s) => s.minus !== undefined) === true)) pool.forgetGraphs();
  const state = createRunState(first, method.state);
  if (options.half === true) state.lossScale = new LossScale();
  const synced = wanted && syncsReference(config);
  // Copied before a checkpoint is read into the state: the reference is the policy as the run began.
  const start = wanted && values ? first.slice() : first;
  if (synced) state.reference = start;
  const context: CheckpointContext = {
    loaded, runFolder: options.runFolder, baseModel: options.modelFolder, recipeHash: options.recipeHash, fingerprint: data.fingerprint, seed: config.seed, scheduler: config.lr_scheduler_type, totalSteps: total, execution,
  };
  if (options.resume !== null) readCheckpoint(options.resume, context, state);
  const notes = [...adapterNotes(loaded), ...(saved !== null && saved.threads !== options.threads ? [`The run was started with ${saved.threads} threads and goes on with ${options.threads}: results may differ in the last bits.`] : [])];
  const reference = wanted ? referenceOf({ options, method, pool, loaded, values: start, remember: !synced }) : null;
  const evalReference = wanted && evalData !== null ? reference!.sibling() : null;
  const schedule = createSchedule(config.lr_scheduler_type, { warmupSteps: config.warmup_steps, totalSteps: total, learningRate: config.learning_rate, ...scheduleKeywords(config.lr_scheduler_kwargs, config.learning_rate) });
  return { options, loaded, method, data, evalData, order, buckets, batchRows, joined, plan, notes, pool, optimiser: new HostOptimiser(state, loaded.trainables, config, options.threads), reference, evalReference, state, total, schedule, context };
}

/** What about an adapter is not plain from its settings. */
function adapterNotes({ model, trainables: { lora } }: LoadedModel): string[] {
  if (lora === undefined) return [];
  const embedding = model.family.headWeight(model.config);
  const copied = lora.replaced.map((r) => r.name).filter((name) => name === TIED_HEAD || (name === embedding && name !== SCORE_HEAD && model.config.tieEmbeddings));
  return [
    ...(model.config.tieEmbeddings && copied.length > 0 ? [`This model uses one table as embedding and output head; modules_to_save makes a copy of it for ${copied.join(' and ')}, as PEFT does, so that the two part ways: a merged model is larger by that table and no longer tied.`] : []),
    ...(lora.slots.some((s) => s.minus !== undefined) ? [`The adapter starts with a part of the base (${String(lora.config.init_lora_weights)}); it is saved as PEFT converts it, with twice the rank, and belongs to the base as it is.`] : []),
  ];
}

/** Runs the largest step once on padding. Returns when its memory has been touched; nothing of the run changes. */
export async function warmUp(setup: RunSetup): Promise<void> {
  const { buckets, pool, loaded, state, optimiser, batchRows } = setup;
  const bucket = buckets.at(-1)!;
  const shape = { rows: batchRows, ...bucket };
  const program = await pool.get('train', shape);
  await optimiser.gather(program, { ...lossScaleFeeds(state.lossScale), ...collate([], shape, { token: 0, share: 0 }, setup.method.roles.length).feeds, ...stateFeeds(state.method), reference: new Float32Array(setup.method.roles.length * shape.examples), ...columnFeeds(setup.method, shape), ...dropoutFeeds(loaded.trainables, shape, setup.options.config, [0, 0, 0, 0]), ...noiseFeeds(noiseAlpha(setup.options.config), shape, loaded.model.config.hiddenSize, 1, [0, 0, 0]) }, true);
}

/** Zeros: padding has no columns. */
const columnFeeds = (method: EngineMethod, shape: { examples: number }): Record<string, Float32Array> => Object.fromEntries((method.columns ?? []).map((name) => [`column:${name}`, new Float32Array(shape.examples)]));

function bucketLimit(loaded: LoadedModel): number {
  if (loaded.trainables.kind === 'full') return SMALL_BUCKETS;
  return frozenBytes(loaded) <= SMALL_WEIGHTS ? SMALL_BUCKETS : 1;
}

/** A run beside its slots, in slots: starting the nodes, and handing the gradients over, which for all weights takes as long as about 150 slots (measured at 135M). */
function runOverhead({ model, trainables }: LoadedModel): number {
  return 24 + (150 * trainables.length) / parameterCount(model.family.parameters(model.config));
}

/** Frozen weights as the executor holds them, once: float32, 8 bit, or 4 bit. */
function frozenBytes(loaded: LoadedModel, int8?: Int8Base): number {
  let elements = 0;
  for (const entry of loaded.weights.values()) elements += entry.shape.reduce((a, b) => a * b, 1);
  const { stored, asFloat } = fourBitBytes(loaded.fourBit ?? new Map());
  const eight = int8Bytes(int8 ?? { layers: new Map() });
  return elements * 4 - asFloat + stored - eight.asFloat + eight.stored / 2;
}

/** Row indexes of the batches of the first epoch (at most 2000): where buckets are placed. */
function firstBatches(order: DataOrder, total: number): number[][] {
  const batches: number[][] = [];
  for (let step = 0; step < Math.min(order.stepsPerEpoch, total) && batches.length < 2000; step++) batches.push(...order.window(step).batches);
  return batches;
}

/** transformers' scheduler keywords, by their names. */
function scheduleKeywords(given: Readonly<Record<string, number>>, learningRate: number): Record<string, number> {
  const names: Record<string, string> = { num_cycles: 'numCycles', power: 'power', lr_end: 'lrEnd', timescale: 'timescale', min_lr_rate: 'minLrRate', min_lr_ratio: 'minLrRate', num_decay_steps: 'decaySteps' };
  const options: Record<string, number> = {};
  for (const [key, value] of Object.entries(given)) {
    if (key === 'min_lr') options['minLrRate'] = value / learningRate;
    else options[names[key] ?? key] = value;
  }
  return options;
}
