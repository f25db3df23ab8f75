/** The front door of training: one loop in five phases (load, setup, train, save, cleanup) for every method. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import { removeTemporaries } from '../io/durable.ts';
import { allFinite, stopNotFinite, type NotFinite } from './go-back.ts';
import { settleCompute } from './int8-choice.ts';
import { loadModel } from './load.ts';
import { settleOptimiser } from './optimiser/index.ts';
import type { TrainControl, TrainOptions, TrainSink } from './options.ts';
import { planStep } from './plan.ts';
import { refuseTooLarge } from './plan/remedies.ts';
import { measureQuantisation, quantisationText } from './quantisation-loss.ts';
import { precomputes } from './reference.ts';
import { reportMetrics } from './report.ts';
import { evaluateRun, probeRun, probeStart, sampleRun, saveRun } from './run-moments.ts';
import { scoreReference } from './score-reference.ts';
import { prepareRun, warmUp, type RunSetup } from './setup.ts';
import { trainStep, type StepResult } from './train-step.ts';

export type { EncodedRow } from '../methods/encoded-row.ts';
export type { CurrentWeights, SampleMoment, StartWeights, TrainControl, TrainEvent, TrainOptions, TrainSample, TrainSink } from './options.ts';

/** How the run ended. `error` is set when it stopped by itself: a loss that is not finite (stopped, rolled back), or a full disk (paused). */
export interface TrainOutcome { outcome: 'completed' | 'stopped' | 'paused'; step: number; checkpoint: string | null; error: AnnealError | null }

/** Runs to the end, to a halt, or to an error. Problems with the inputs are thrown; so is an abort (`cancelled`). Events end with `done`. */
export async function trainRun(given: TrainOptions, sink: TrainSink, control: TrainControl = {}): Promise<TrainOutcome> {
  const started = performance.now();
  sink({ type: 'phase', phase: 'load' });
  removeTemporaries(given.runFolder);
  const loaded = loadModel(given);
  const { options, note } = await settleCompute(given, loaded);
  if (note !== null) sink({ type: 'log', level: 'info', text: note });
  sink({ type: 'phase', phase: 'setup' });
  const setup = prepareRun(options, loaded, options.resume === null ? { check: (plan) => { refuseTooLarge(options, plan); } } : {});
  try {
    const planned = planStep(setup).memory.total;
    const cost = options.resume === null ? await measureQuantisation(loaded, options, { signal: control.signal }) : null;
    if (cost !== null) sink({ type: 'log', level: 'info', text: quantisationText(cost) });
    if (setup.state.step < setup.total) {
      if (setup.reference !== null && precomputes(options.config)) {
        sink({ type: 'phase', phase: 'reference' });
        await scoreReference(setup, sink, control);
        sink({ type: 'phase', phase: 'setup' });
      }
      const placed = await settleOptimiser(setup);
      if (placed !== null) sink({ type: 'log', level: 'info', text: placed });
      await warmUp(setup);
    }
    const { state, total, data } = setup;
    for (const text of setup.plan.reasons) sink({ type: 'log', level: 'info', text });
    for (const text of setup.notes) sink({ type: 'log', level: 'warn', text });
    if (data.dropped > 0) sink({ type: 'log', level: 'warn', text: `${data.dropped} rows have no token to train on and are left out.` });
    sink({ type: 'start', total_steps: total, step: state.step, rows: data.sizes.length, trainable_parameters: loaded.trainables.length, setup_seconds: (performance.now() - started) / 1000, planned_bytes: Math.round(planned) });
    sink({ type: 'phase', phase: 'train' });
    const outcome = await loop(setup, sink, control);
    sink({ type: 'done', outcome: outcome.outcome, step: outcome.step, checkpoint: outcome.checkpoint, error: outcome.error === null ? null : errorShape(outcome.error) });
    return outcome;
  } finally {
    sink({ type: 'phase', phase: 'cleanup' });
    await setup.optimiser.dispose();
    await setup.pool.dispose();
    await setup.reference?.release();
  }
}

async function loop(setup: RunSetup, sink: TrainSink, control: TrainControl): Promise<TrainOutcome> {
  const { state, total, options } = setup;
  const { eval_steps: evalSteps, save_steps: saveSteps, logging_steps: loggingSteps } = options.config;
  let checkpoint = options.resume;
  let saved = options.resume === null ? -1 : state.step;
  const save = async (metrics: Record<string, number>): Promise<AnnealError | null> => {
    try {
      checkpoint = await saveRun(setup, sink, metrics);
      saved = state.step;
      return null;
    } catch (error) {
      if (error instanceof AnnealError && error.code === 'disk-full') return error;
      throw error;
    }
  };
  const end = (outcome: TrainOutcome['outcome'], error: AnnealError | null = null): TrainOutcome => ({ outcome, step: state.step, checkpoint, error });
  const stop = async (result: StepResult, what: NotFinite): Promise<TrainOutcome> => {
    const { error, back } = await stopNotFinite(setup, result, what);
    const full = back && saved !== state.step ? await save({}) : null;
    if (full === null) return end('stopped', error);
    sink({ type: 'log', level: 'error', text: error.message });
    return end('paused', full); // continued from its last checkpoint, it comes to the same step and can then save the state before it
  };

  await probeStart(setup, sink);
  let metrics: Record<string, number> = {};
  while (state.step < total) {
    // onnxruntime blocks the event loop during a run; this turn lets a halt arrive.
    await nextTurn();
    if (control.signal?.aborted === true) throw new AnnealError('cancelled', 'The run was cancelled; its last checkpoint is kept.');
    if (control.halt !== undefined) {
      const full = saved === state.step ? null : await save(metrics);
      return full === null ? end(control.halt === 'pause' ? 'paused' : 'stopped') : end('paused', full);
    }
    const began = performance.now();
    const result = await trainStep(setup);
    if (!result.finite) return await stop(result, Number.isFinite(result.loss) ? 'gradient' : 'loss');
    const seconds = (performance.now() - began) / 1000;
    state.seconds += seconds;
    const last = state.step === total;
    const due = (every: number): boolean => last || (every > 0 && state.step % every === 0);
    if (due(loggingSteps)) metrics = reportMetrics(setup, result, seconds, sink);
    if (due(evalSteps) || due(saveSteps)) {
      await setup.optimiser.fetch('values');
      if (!allFinite(state.adam.values)) return await stop(result, 'weights');
    }
    if (due(evalSteps)) {
      metrics = { ...metrics, ...await evaluateRun(setup, sink, control), ...await probeRun(setup, sink) };
      await sampleRun(setup, sink);
    }
    if (due(saveSteps)) {
      const full = await save(metrics);
      if (full !== null) return end('paused', full);
    }
  }
  const full = saved === state.step ? null : await save(metrics);
  return full === null ? end('completed') : end('paused', full);
}
