/** One optimiser step: run the micro-batches of a window, add up gradients, clip, update. Nothing changes when the loss or the gradient is not finite. */

import { adamwStep } from '../optim/adamw.ts';
import { clipFactor, gradientNorm } from '../optim/clip.ts';
import { collate } from './batch.ts';
import { bucketFor } from './buckets.ts';
import type { StepWindow } from './data-order.ts';
import { dropoutFeeds } from './dropout.ts';
import { noiseFeeds } from './neftune.ts';
import type { RunSetup } from './setup.ts';
import { collectGradients, trainableFeeds } from './trainables.ts';

export interface StepResult {
  loss: number; gradNorm: number; learningRate: number; tokens: number;
  microBatches: { entropy: number; accuracy: number }[];
  finite: boolean;
  window: StepWindow;
}

export async function trainStep(setup: RunSetup, grads: Float32Array): Promise<StepResult> {
  const { state, order, options, schedule } = setup;
  const { config } = options;
  const window = order.window(state.step);
  const result: StepResult = { loss: 0, gradNorm: 0, learningRate: config.learning_rate * schedule(state.step), tokens: 0, microBatches: [], finite: true, window };
  await runWindow(setup, window, grads, result);
  result.gradNorm = gradientNorm(grads);
  result.finite = Number.isFinite(result.loss) && Number.isFinite(result.gradNorm);
  if (!result.finite) return result;
  update(setup, grads, result);
  return result;
}

async function runWindow(setup: RunSetup, window: StepWindow, grads: Float32Array, result: StepResult): Promise<void> {
  const { data, buckets, pool, loaded, state, options, method, batchRows } = setup;
  const targets = window.batches.reduce((n, batch) => n + batch.reduce((m, row) => m + data.sizes[row]!.losses, 0), 0);
  for (const [micro, rows] of window.batches.entries()) {
    const longest = Math.max(...rows.map((row) => data.sizes[row]!.tokens));
    const bucket = bucketFor(buckets, longest);
    const shape = { rows: batchRows, ...bucket };
    const weight = method.normalisation === 'tokens' ? 1 / targets : 1 / (rows.length * window.batches.length);
    const batch = collate(rows.map((row) => data.tree(row)), shape, weight);
    const program = await pool.get('train', shape);
    const path = [options.config.seed, state.step, micro];
    const noise = noiseFeeds(options.config.neftune_noise_alpha, shape, loaded.model.config.hiddenSize, longest, path);
    const outputs = await program.run({ ...batch.feeds, ...trainableFeeds(loaded.trainables, state.adam.values), ...dropoutFeeds(loaded.trainables, shape, path), ...noise });
    collectGradients(loaded.trainables, outputs, grads, micro === 0);
    result.loss += scalar(outputs['loss']);
    result.tokens += batch.tokens;
    result.microBatches.push({ entropy: scalar(outputs['entropy_sum']) / batch.losses, accuracy: scalar(outputs['correct_sum']) / batch.losses });
  }
}

function update(setup: RunSetup, grads: Float32Array, result: StepResult): void {
  const { state, loaded, options } = setup;
  const { config } = options;
  const target = state.previous?.adam ?? state.adam;
  adamwStep(state.adam, target, loaded.trainables.ranges, { grads, gradScale: clipFactor(result.gradNorm, config.max_grad_norm), learningRate: result.learningRate }, {
    beta1: config.adam_beta1, beta2: config.adam_beta2, eps: config.adam_epsilon, weightDecay: config.weight_decay,
  });
  if (state.previous !== null) {
    state.previous = { adam: state.adam, step: state.step, epoch: state.epoch, tokens: state.tokens, window: { ...state.window } };
    state.adam = target;
  }
  state.step++;
  state.epoch = result.window.progress;
  state.tokens += result.tokens;
  const w = state.window;
  w.steps++;
  w.loss += result.loss;
  w.gradNorm = result.gradNorm;
  for (const m of result.microBatches) {
    w.microBatches++;
    w.entropy += m.entropy;
    w.accuracy += m.accuracy;
  }
}

export function scalar(output: { data: ArrayLike<number | bigint> } | undefined): number { return Number(output?.data[0]); }
