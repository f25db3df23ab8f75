/** One optimiser step: run the micro-batches of a window, add up gradients, clip, update. Nothing changes when the loss or the gradient is not finite. */

import { clipFactor } from '../optim/clip.ts';
import type { EngineMethod } from '../methods/method.ts';
import type { StepWindow } from './data-order.ts';
import { dropoutFeeds } from './dropout.ts';
import { microRuns } from './micro-runs.ts';
import { noiseAlpha, noiseFeeds } from './neftune.ts';
import type { LossScale } from './loss-scale.ts';
import { referenceIsDue, syncReference } from './reference.ts';
import { copyWindow } from './run-state.ts';
import type { RunSetup } from './setup.ts';
import { LOSS_SCALE, measureOutputs, nextStateName, stateName } from './step-graph.ts';

export interface StepResult {
  loss: number; gradNorm: number; learningRate: number;
  /** Slots with a token that were computed; and tokens as separate rows would count them. */
  tokens: number; counted: number;
  /** Sum and count of every metric, per micro-batch. */
  microBatches: Measures[];
  /** The method's scalars after the step. */
  method: Record<string, number>;
  finite: boolean;
  window: StepWindow;
}

type Measures = Record<string, { sum: number; count: number }>;

export async function trainStep(setup: RunSetup): Promise<StepResult> {
  const { state, order, options, schedule } = setup;
  const { config } = options;
  const window = order.window(state.step);
  const result: StepResult = { loss: 0, gradNorm: 0, learningRate: config.learning_rate * schedule(state.step), tokens: 0, counted: 0, microBatches: [], method: { ...state.method }, finite: true, window };
  await runWindow(setup, window, result);
  while (state.lossScale !== null && Number.isFinite(result.loss) && !Number.isFinite(result.gradNorm) && state.lossScale.overflowed()) {
    Object.assign(result, { loss: 0, tokens: 0, counted: 0, microBatches: [], method: { ...state.method } });
    await runWindow(setup, window, result);
  }
  result.finite = Number.isFinite(result.loss) && Number.isFinite(result.gradNorm);
  if (!result.finite) return result;
  state.lossScale?.succeeded();
  await update(setup, result);
  return result;
}

/** Loss, metrics and gradient norm of a window; the gradients stay where the optimiser is. */
async function runWindow(setup: RunSetup, window: StepWindow, result: StepResult): Promise<void> {
  const { data, pool, loaded, state, options, method, reference, optimiser } = setup;
  const targets = window.batches.reduce((n, batch) => n + batch.reduce((m, row) => m + data.sizes[row]!.losses, 0), 0);
  const weights = { token: 1 / targets, share: 1 / window.batches.length };
  for (const [micro, rows] of window.batches.entries()) {
    const longest = Math.max(...rows.map((row) => data.sizes[row]!.tokens));
    const measured: Measures[] = [];
    for (const [part, { rows: own, shape, batch }] of microRuns(setup, rows, weights).entries()) {
      const path = [options.config.seed, state.step, micro, ...(part === 0 ? [] : [part])];
      const feeds = {
        ...batch.feeds, ...stateFeeds(result.method), ...lossScaleFeeds(state.lossScale), ...(reference === null ? {} : { reference: await reference.scores(own, batch, shape) }),
        ...dropoutFeeds(loaded.trainables, shape, options.config, path), ...noiseFeeds(noiseAlpha(options.config), shape, loaded.model.config.hiddenSize, longest, path),
      };
      const outputs = await optimiser.gather(await pool.get('train', shape), feeds, micro === 0 && part === 0);
      result.loss += scalar(outputs['loss']);
      result.tokens += batch.tokens;
      measured.push(measuresIn(outputs));
      for (const name of Object.keys(result.method)) result.method[name] = scalar(outputs[nextStateName(name)]);
    }
    result.counted += rows.reduce((n, row) => n + data.counted(row), 0);
    result.microBatches.push(merged(measured, method.extremes));
  }
  result.gradNorm = await optimiser.norm(1 / (state.lossScale?.value ?? 1));
}

/** A run in float32 has no such input. */
export const lossScaleFeeds = (scale: LossScale | null): Record<string, Float32Array> => (scale === null ? {} : { [LOSS_SCALE]: Float32Array.of(scale.value) });
export const stateFeeds = (method: Readonly<Record<string, number>>): Record<string, Float32Array> => Object.fromEntries(Object.entries(method).map(([name, value]) => [stateName(name), Float32Array.of(value)]));

/** Metrics of the runs of one micro-batch as those of the whole. */
function merged(parts: readonly Measures[], extremes: EngineMethod['extremes'] = {}): Measures {
  const [first = {}, ...others] = parts;
  const whole = Object.fromEntries(Object.entries(first).map(([name, m]) => [name, { ...m }]));
  for (const part of others) for (const [name, { sum, count }] of Object.entries(part)) {
    const into = whole[name]!;
    if (extremes[name] === undefined) { into.sum += sum; into.count += count; } else into.sum = Math[extremes[name]](into.sum, sum);
  }
  return whole;
}

/** Sum and count of every metric among a step's outputs. */
export function measuresIn(outputs: Readonly<Record<string, { data: ArrayLike<number | bigint> }>>): Measures {
  const found: Measures = {};
  for (const output of Object.keys(outputs)) {
    const name = /^metric_sum:(.*)$/.exec(output)?.[1];
    if (name === undefined) continue;
    const [sum, count] = measureOutputs(name);
    found[name] = { sum: scalar(outputs[sum]), count: scalar(outputs[count]) };
  }
  return found;
}

async function update(setup: RunSetup, result: StepResult): Promise<void> {
  const { state, options: { config }, optimiser } = setup;
  await optimiser.update({ clip: clipFactor(result.gradNorm, config.max_grad_norm), learningRate: result.learningRate });
  if (state.previous !== null) state.previous = { adam: state.previous.adam, step: state.step, epoch: state.epoch, tokens: state.tokens, window: copyWindow(state.window), method: state.method };
  state.step++;
  state.epoch = result.window.progress;
  state.tokens += result.counted;
  state.method = result.method;
  if (setup.reference !== null && referenceIsDue(config, state.step)) await optimiser.fetch('values');
  if (setup.reference !== null && syncReference(setup.reference, config, state.step, state.adam.values)) setup.evalReference?.forget();
  const w = state.window;
  w.steps++;
  w.loss += result.loss;
  w.gradNorm = result.gradNorm;
  for (const micro of result.microBatches) {
    for (const [name, { sum, count }] of Object.entries(micro)) {
      const total = (w.measures[name] ??= { sum: 0, count: 0 });
      const byBatch = setup.method.averaging === 'batches';
      total.sum += byBatch ? sum / Math.max(count, 1e-12) : sum;
      total.count += byBatch ? 1 : count;
    }
  }
}

export function scalar(output: { data: ArrayLike<number | bigint> } | undefined): number { return Number(output?.data[0]); }
