/** The metrics event after a step, with TRL's names and averaging: loss over the steps of the logging window, the rest over its micro-batches. */

import type { TrainSink } from './options.ts';
import { emptyWindow } from './run-state.ts';
import type { RunSetup } from './setup.ts';
import type { StepResult } from './train-step.ts';

export function reportMetrics(setup: RunSetup, result: StepResult, seconds: number, sink: TrainSink): Record<string, number> {
  const { state, total } = setup;
  const w = state.window;
  const values: Record<string, number> = {
    loss: w.loss / w.steps, grad_norm: w.gradNorm, learning_rate: result.learningRate, epoch: state.epoch, entropy: w.entropy / w.microBatches, mean_token_accuracy: w.accuracy / w.microBatches,
    num_tokens: state.tokens, tokens_per_second: result.tokens / seconds, step_seconds: seconds, rss: process.memoryUsage.rss(),
  };
  state.window = emptyWindow();
  sink({ type: 'metric', step: state.step, epoch: state.epoch, tokens: state.tokens, seconds: state.seconds, seconds_left: (state.seconds / state.step) * (total - state.step), values: onlyFinite(values) });
  return onlyFinite(values);
}

export function onlyFinite(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => Number.isFinite(v)));
}
