/** Loss and token accuracy on held-out rows with the current weights: the mean over all target tokens (TRL averages over batches, which depends on the batch size). */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { collate } from './batch.ts';
import { chooseBuckets, bucketFor } from './buckets.ts';
import type { ProgramPool } from './program-pool.ts';
import { scalar } from './train-step.ts';
import type { TrainData } from './train-data.ts';
import { trainableFeeds, type Trainables } from './trainables.ts';

export interface EvalResult { eval_loss: number; eval_mean_token_accuracy: number }
export interface EvalSetup { data: TrainData; batchSize: number; pool: ProgramPool; trainables: Trainables; values: Float32Array; signal?: AbortSignal | undefined; bucketLimit: number }

export async function evaluate(setup: EvalSetup): Promise<EvalResult> {
  const { data, pool, trainables, values } = setup;
  const batchSize = Math.min(setup.batchSize, data.sizes.length);
  // Similar lengths together: the mean does not depend on the order, and less is padded.
  const order = data.sizes.map((_, i) => i).sort((a, b) => data.sizes[a]!.tokens - data.sizes[b]!.tokens || a - b);
  const batches = Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize));
  const buckets = chooseBuckets(data.sizes, batches, batchSize, setup.bucketLimit);
  const targets = data.sizes.reduce((n, s) => n + s.losses, 0);
  let loss = 0;
  let correct = 0;
  for (const rows of batches) {
    // onnxruntime blocks the event loop during a run; this turn lets a halt or an abort arrive.
    await nextTurn();
    setup.signal?.throwIfAborted();
    const shape = { rows: batchSize, ...bucketFor(buckets, Math.max(...rows.map((row) => data.sizes[row]!.tokens))) };
    const batch = collate(rows.map((row) => data.tree(row)), shape, 1 / targets);
    const program = await pool.get('evaluate', shape);
    const outputs = await program.run({ ...batch.feeds, ...trainableFeeds(trainables, values) });
    loss += scalar(outputs['loss']);
    correct += scalar(outputs['correct_sum']);
  }
  return { eval_loss: loss, eval_mean_token_accuracy: correct / targets };
}
