/** One run in this process: encodes the rows, trains, answers the sample prompts at every evaluation, and hands events on as they happen. */
import { AnnealError } from '../../../shared/errors.ts';
import type { EngineEvent, Job } from '../protocol.ts';
import { trainRun, type TrainControl } from '../train/index.ts';
import { encodeJob, recipeHash, type EncodedJob } from './encode-job.ts';
import { EventQueue } from './event-queue.ts';
import { generationBytes } from './generation-bytes.ts';
import { narrate } from './narrate.ts';
import { probeAnswers, RunProbes } from './run-probes.ts';
import { sampleAnswers, samplesAt } from './sample-prompts.ts';
import { trainOptions } from './train-options.ts';

export class TrainJobs {
  #control: TrainControl | undefined;

  /** Events until `done`. A consumer that leaves ends the run at the next step boundary, keeping the last checkpoint. */
  async *run(job: Job, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    if (this.#control) throw new AnnealError('conflict', 'This engine already trains a run.');
    const control: TrainControl = { signal };
    this.#control = control;
    const queue = new EventQueue<EngineEvent>();
    const work = this.#train(job, control, (event) => {
      queue.push(event);
      const text = narrate(event, job);
      if (text !== null) queue.push({ type: 'log', level: 'info', text });
    }).then(() => { queue.end(); }, (e: unknown) => { queue.fail(e); });
    try {
      yield* queue;
    } finally {
      await work;
      this.#control = undefined;
    }
  }

  halt(how: 'pause' | 'stop'): void {
    if (!this.#control) throw new AnnealError('run-state', 'Nothing is being trained, so there is nothing to stop.');
    this.#control.halt = how;
  }

  async #train(job: Job, control: TrainControl, sink: (event: EngineEvent) => void): Promise<void> {
    sink({ type: 'phase', phase: 'load' });
    if (job.device !== undefined) sink({ type: 'log', level: 'info', text: `Computed on ${job.device.why}${job.device.precision === 'fp16' ? '; matrix products in float16' : ''}.` });
    const encoded = await encodeJob(job, control.signal);
    for (const text of lossesOf(encoded, job.recipe.train.max_length)) sink({ type: 'log', level: 'warn', text });
    const options = trainOptions(job, encoded.rows, encoded.evalRows, recipeHash(job.recipe));
    const { text } = encoded;
    await using samples = sampleAnswers(job, text);
    await using probed = probeAnswers(job, text, samples, encoded.evalRows, encoded.rows);
    const answering = probed ?? samples;
    if (answering !== null && job.device !== undefined && job.device.id !== 'cpu') sink({ type: 'log', level: 'info', text: `Answers to prompts while training are computed on ${answering.device === job.device.id ? `${answering.device} too` : answering.device}.` });
    await using probes = probed === null ? null : new RunProbes(probed, text, job.threads);
    await trainRun({
      ...options, ...generationBytes(job, text, options),
      ...(samples === null ? {} : { sample: (moment) => samplesAt(samples, job, text, moment) }), ...(probes === null ? {} : { probe: (moment) => probes.measure(moment) }),
    }, sink, control);
  }
}

/** What the rows lost on the way: none of it is an error, all of it is said. */
function lossesOf({ rows, refused, dropped }: EncodedJob, maxLength: number): string[] {
  const all = rows.length + refused + dropped, cut = rows.filter((r) => r.truncated).length;
  return [
    ...(refused > 0 ? [`${refused} of ${all} rows cannot be used and are left out.`] : []),
    ...(dropped > 0 ? [`${dropped} of ${all} rows have no token to train on and are left out.`] : []),
    ...(cut > 0 ? [`${cut} of ${rows.length} rows are longer than max_length ${maxLength} and are cut.`] : []),
  ];
}
