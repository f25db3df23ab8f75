/** Loss and metrics on held-out rows with the current weights: means over all target tokens or examples (TRL averages over batches, which depends on the batch size). */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EngineMethod } from '../methods/method.ts';
import { collate } from './batch.ts';
import { chooseBuckets, bucketFor, type Bucket } from './buckets.ts';
import type { ProgramPool } from './program-pool.ts';
import type { Reference } from './reference.ts';
import { meansOf } from './report.ts';
import { measuresIn, scalar, stateFeeds } from './train-step.ts';
import type { TrainData } from './train-data.ts';
import type { Feed } from '../runtime/device-tensor.ts';

export interface EvalSetup {
  data: TrainData; batchSize: number; pool: ProgramPool; /** The trained values, as programs are fed with them. */ weights: Record<string, Feed>; signal?: AbortSignal | undefined; bucketLimit: number;
  method: EngineMethod; reference: Reference | null; /** The method's scalars. */ state: Readonly<Record<string, number>>;
}

/** `eval_loss` and the method's metrics with `eval_` before their names. */
export async function evaluate(setup: EvalSetup): Promise<Record<string, number>> {
  const { data, pool, weights, method, reference } = setup;
  const { rows: batchSize, batches, buckets } = evaluationLayout(data.sizes, setup.batchSize, setup.bucketLimit);
  const targets = data.sizes.reduce((n, s) => n + s.losses, 0);
  const examples = data.sizes.reduce((n, s) => n + s.examples, 0);
  let loss = 0;
  const measures: Record<string, { sum: number; count: number }> = {};
  for (const rows of batches) {
    // onnxruntime blocks the event loop during a run; this turn lets a halt or an abort arrive.
    await nextTurn();
    setup.signal?.throwIfAborted();
    const shape = { rows: batchSize, ...bucketFor(buckets, Math.max(...rows.map((row) => data.sizes[row]!.tokens))) };
    const share = examples === 0 ? 1 : rows.reduce((n, row) => n + data.sizes[row]!.examples, 0) / examples;
    const batch = collate(rows.map((row) => data.row(row)), shape, { token: 1 / targets, share }, method.roles.length);
    const feeds = { ...batch.feeds, ...stateFeeds(setup.state), ...(reference === null ? {} : { reference: await reference.scores(rows, batch, shape) }), ...weights };
    const program = await pool.get('evaluate', shape);
    const outputs = await program.run(feeds);
    loss += scalar(outputs['loss']);
    for (const [name, { sum, count }] of Object.entries(measuresIn(outputs))) {
      const total = (measures[name] ??= { sum: 0, count: 0 });
      total.sum += sum;
      total.count += count;
    }
  }
  return { eval_loss: loss, ...Object.fromEntries(Object.entries(meansOf({ measures })).map(([name, value]) => [`eval_${name}`, value])) };
}

/** Batches of similar lengths (the mean does not depend on the order, and less is padded), and the row lengths that they are padded to. */
export function evaluationLayout(sizes: TrainData['sizes'], batchSize: number, limit: number): { rows: number; batches: number[][]; buckets: Bucket[] } {
  const rows = Math.min(batchSize, sizes.length);
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[a]!.tokens - sizes[b]!.tokens || a - b);
  const batches = Array.from({ length: Math.ceil(order.length / rows) }, (_, i) => order.slice(i * rows, (i + 1) * rows));
  return { rows, batches, buckets: chooseBuckets(sizes, batches, rows, limit) };
}
