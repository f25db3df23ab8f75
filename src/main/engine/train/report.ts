/** The metrics event after a step, with TRL's names and averaging: loss over the steps of the logging window, the method's metrics over its micro-batches. */

import type { TrainSink } from './options.ts';
import { emptyWindow, type MetricWindow } from './run-state.ts';
import type { RunSetup } from './setup.ts';
import type { StepResult } from './train-step.ts';

export function reportMetrics(setup: RunSetup, result: StepResult, seconds: number, sink: TrainSink): Record<string, number> {
  const { state, total } = setup;
  const w = state.window;
  const values: Record<string, number> = {
    loss: w.loss / w.steps, grad_norm: w.gradNorm, learning_rate: result.learningRate, epoch: state.epoch, ...meansOf(w),
    num_tokens: state.tokens, tokens_per_second: result.tokens / seconds, step_seconds: seconds, rss: process.memoryUsage.rss(),
  };
  state.window = emptyWindow();
  sink({ type: 'metric', step: state.step, epoch: state.epoch, tokens: state.tokens, seconds: state.seconds, seconds_left: (state.seconds / state.step) * (total - state.step), values: onlyFinite(values) });
  return onlyFinite(values);
}

export function meansOf({ measures }: Pick<MetricWindow, 'measures'>): Record<string, number> {
  const means = Object.fromEntries(Object.entries(measures).map(([name, { sum, count }]) => [name, sum / count]));
  const [chosen, rejected] = [means['rewards/chosen'], means['rewards/rejected']];
  // Where answers come singly there is no pair to take a margin of: it is the difference of the two means.
  return chosen === undefined || rejected === undefined || 'rewards/margins' in means ? means : { ...means, 'rewards/margins': chosen - rejected };
}

export function onlyFinite(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => Number.isFinite(v)));
}
