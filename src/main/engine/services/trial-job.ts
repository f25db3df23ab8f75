/** A few real steps whose results are thrown away: what the wizard's time and memory are measured by. The first is not timed: it compiles and warms up. */
import { performance } from 'node:perf_hooks';
import { median } from '../../data/encode/review.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Trial } from '../../../shared/schema/review.ts';
import type { Job } from '../protocol.ts';
import { syncsReference } from '../train/reference.ts';
import { evaluate } from '../train/evaluate.ts';
import { settleCompute } from '../train/int8-choice.ts';
import { loadModel } from '../train/load.ts';
import { microRuns } from '../train/micro-runs.ts';
import { settleOptimiser } from '../train/optimiser/index.ts';
import { prepareRun, warmUp } from '../train/setup.ts';
import { trainStep } from '../train/train-step.ts';
import { momentOf } from '../train/run-moments.ts';
import { encodeJob, recipeHash } from './encode-job.ts';
import type { ModelText } from './model-text.ts';
import { probeAnswers, RunProbes } from './run-probes.ts';
import { sampleAnswers, samplesAt } from './sample-prompts.ts';
import { trainOptions } from './train-options.ts';

const TIMED_STEPS = 5;
/** No further step begins after so long. */
const TIMED_SECONDS = 10;
/** Held-out rows that are scored to measure the speed of evaluation. */
const EVAL_ROWS = 32;

export async function trialJob(job: Job, signal: AbortSignal): Promise<Trial> {
  const began = performance.now();
  const { rows, evalRows, text } = await encodeJob({ ...job, resume: null }, signal);
  const given = { ...trainOptions(job, rows, evalRows.slice(0, EVAL_ROWS), recipeHash(job.recipe)), resume: null };
  const { options } = await settleCompute(given, loadModel(given));
  const setup = prepareRun(options, loadModel(options));
  try {
    await settleOptimiser(setup);
    await warmUp(setup);
    const setupSeconds = (performance.now() - began) / 1000;
    const seconds: number[] = [], referenceSeconds: number[] = [];
    let loss = 0, tokens = 0, spent = 0;
    for (let step = 0; step < Math.min(1 + TIMED_STEPS, setup.total) && spent < TIMED_SECONDS; step++) {
      if (signal.aborted) throw new AnnealError('cancelled', 'The trial was cancelled.');
      const scored = performance.now();
      if (setup.reference !== null) await scoreWindow(setup);
      const referenceTook = (performance.now() - scored) / 1000;
      const start = performance.now();
      const result = await trainStep(setup);
      const took = (performance.now() - start) / 1000;
      if (step === 0) loss = result.loss;
      if (step === 0 && setup.total > 1) continue;
      seconds.push(took);
      referenceSeconds.push(referenceTook);
      spent += took;
      tokens += result.tokens;
      if (!result.finite) break;
    }
    // The median: a step that had to compile another row length is not typical.
    const typical = median(seconds);
    await setup.optimiser.fetch('values');
    return {
      step_seconds: typical, tokens_per_second: typical > 0 ? tokens / seconds.length / typical : 0, peak_rss: process.resourceUsage().maxRSS * 1024, setup_seconds: setupSeconds, loss,
      training_seconds: typical * setup.total + median(referenceSeconds) * referencePasses(setup), evaluation_seconds: await evaluationSeconds(setup, job, evalRows.length), answer_seconds: await answerSeconds(setup, job, text, evalRows, rows),
    };
  } finally {
    await setup.optimiser.dispose();
    await setup.pool.dispose();
    await setup.reference?.release();
  }
}

/** Scores the next step's rows with the reference, apart from the step, so that both are timed. */
async function scoreWindow(setup: ReturnType<typeof prepareRun>): Promise<void> {
  for (const rows of setup.order.window(setup.state.step).batches) {
    for (const run of microRuns(setup, rows)) await setup.reference?.scores(run.rows, run.batch, run.shape);
  }
}

/** Steps' worth of rows that the reference scores in the whole run: once each, or at every step where it moves. */
const referencePasses = ({ order, total, options, reference }: ReturnType<typeof prepareRun>): number => (reference === null ? 0 : syncsReference(options.config) ? 0 : Math.min(total, order.stepsPerEpoch));

async function evaluationSeconds(setup: ReturnType<typeof prepareRun>, job: Job, heldOut: number): Promise<number> {
  const { evalData, pool, state, total, method, evalReference } = setup;
  if (evalData === null) return 0;
  const run = (): ReturnType<typeof evaluate> => evaluate({ data: evalData, batchSize: setup.plan.layout.evalRows, pool, weights: setup.optimiser.weights(), bucketLimit: 1, method, reference: evalReference, state: state.method });
  await run(); // compiles
  const start = performance.now();
  await run();
  const perRow = (performance.now() - start) / 1000 / evalData.sizes.length;
  const every = job.recipe.train.eval_steps;
  const evaluations = every > 0 ? Math.ceil(total / every) : 1;
  return perRow * heldOut * evaluations;
}

/** What answering the fixed prompts and probing the answers takes in the whole run: at each evaluation, and for probes before the first step. The first time also compiles, so the second one counts. */
async function answerSeconds(setup: ReturnType<typeof prepareRun>, job: Job, text: ModelText, evalRows: Parameters<typeof probeAnswers>[3], rows: Parameters<typeof probeAnswers>[4]): Promise<number> {
  await using samples = sampleAnswers(job, text);
  await using probed = probeAnswers(job, text, samples, evalRows, rows);
  await using probes = probed === null ? null : new RunProbes(probed, text, job.threads);
  if (samples === null && probes === null) return 0;
  const once = async (step: number): Promise<number> => {
    const moment = { ...momentOf(setup), step }, start = performance.now();
    if (probes !== null) await probes.measure(moment);
    if (samples !== null) await samplesAt(samples, job, text, moment);
    return (performance.now() - start) / 1000;
  };
  await once(-2);
  const every = job.recipe.train.eval_steps;
  return (await once(-1)) * ((every > 0 ? Math.ceil(setup.total / every) : 1) + (probes === null ? 0 : 1));
}
