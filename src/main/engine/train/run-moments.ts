/** What happens beside the steps of a run: evaluation, sample answers, checkpoints. */

import { pruneCheckpoints, writeCheckpoint } from './checkpoint.ts';
import { currentWeights } from './current-weights.ts';
import { evaluate } from './evaluate.ts';
import { initialValues } from './load.ts';
import type { CurrentWeights, SampleMoment, TrainControl, TrainSink } from './options.ts';
import { onlyFinite } from './report.ts';
import type { RunSetup } from './setup.ts';

/** Evaluates on the held-out rows, if there are any. */
export async function evaluateRun(setup: RunSetup, sink: TrainSink, control: TrainControl): Promise<Record<string, number>> {
  const { state, optimiser, evalData, pool, buckets } = setup;
  if (evalData === null) return {};
  sink({ type: 'phase', phase: 'evaluate' });
  const result = await evaluate({
    data: evalData, batchSize: setup.plan.layout.evalRows, pool, weights: optimiser.weights(),
    signal: control.signal, bucketLimit: Math.max(1, buckets.length), method: setup.method, reference: setup.evalReference, state: state.method,
  });
  const values = onlyFinite({ ...result });
  sink({ type: 'metric', step: state.step, epoch: state.epoch, tokens: state.tokens, seconds: state.seconds, seconds_left: null, values });
  sink({ type: 'phase', phase: 'train' });
  return values;
}

export async function sampleRun(setup: RunSetup, sink: TrainSink): Promise<void> {
  const { options, state } = setup;
  if (options.sample === undefined) return;
  const samples = await options.sample(momentOf(setup));
  for (const sample of samples) sink({ type: 'sample', step: state.step, ...sample });
}

/** Measures of the answers to the fixed probe prompts, as one metric event. */
export async function probeRun(setup: RunSetup, sink: TrainSink): Promise<Record<string, number>> {
  const { options, state } = setup;
  if (options.probe === undefined) return {};
  sink({ type: 'phase', phase: 'evaluate' });
  const values = onlyFinite(await options.probe(momentOf(setup)));
  sink({ type: 'metric', step: state.step, epoch: state.epoch, tokens: state.tokens, seconds: state.seconds, seconds_left: null, values });
  sink({ type: 'phase', phase: 'train' });
  return values;
}

/** What later probes are compared with: the answers before the first step. */
export async function probeStart(setup: RunSetup, sink: TrainSink): Promise<void> {
  if (setup.state.step > 0 || setup.options.probe === undefined) return;
  await probeRun(setup, sink);
  await sampleRun(setup, sink);
}

/** `state.adam` holds the values of now: fetched before. */
export function momentOf({ options, state, loaded }: RunSetup): SampleMoment {
  return { step: state.step, weights: currentWeights(loaded.trainables, state.adam.values, options.modelFolder), start: () => startWeights({ options, loaded }) };
}

/** Full weights on their own are the model's file; an adapter, or weights that an adapter was folded into, are made as they were at the start. */
function startWeights({ options, loaded }: Pick<RunSetup, 'options' | 'loaded'>): CurrentWeights {
  if (loaded.trainables.kind === 'full' && options.start?.kind !== 'adapter') return { kind: 'full', tensor: () => undefined };
  return currentWeights(loaded.trainables, initialValues(loaded, options), options.modelFolder);
}

/** Writes a checkpoint, then removes the oldest beyond save_total_limit, and later ones that the run went back from. Returns its folder. */
export async function saveRun(setup: RunSetup, sink: TrainSink, metrics: Record<string, number>): Promise<string> {
  const { context, state, options, loaded } = setup;
  sink({ type: 'phase', phase: 'save' });
  await setup.optimiser.fetch('all');
  const written = writeCheckpoint(context, state);
  const removed = pruneCheckpoints(options.runFolder, options.config.save_total_limit, state.step);
  sink({ type: 'checkpoint', step: state.step, path: written.path, kind: loaded.trainables.kind, weight_hash: written.weightHash, bytes: written.bytes, metrics, removed });
  sink({ type: 'phase', phase: 'train' });
  return written.path;
}
