/** Sums of log-probabilities of completions under a model, as preference training computes them: through token trees, the prompt once. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { METHODS } from '../../../shared/methods/index.ts';
import { engineMethod } from '../methods/index.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { collate } from './batch.ts';
import { bucketFor, chooseBuckets } from './buckets.ts';
import { checkPositions } from './check-positions.ts';
import { loadModel, initialValues } from './load.ts';
import type { StartWeights } from './options.ts';
import { ProgramPool } from './program-pool.ts';
import { Reference } from './reference.ts';
import { prepareData } from './train-data.ts';

const BATCH = 16;
const BUCKETS = 3;

export interface ScoreRequest { modelFolder: string; start: StartWeights | null; rows: readonly ExampleRow[]; maxLength: number; threads: number; signal?: AbortSignal | undefined }
/** One row's [chosen, rejected] sums in nats; `row` counts in `rows` as given. Rows with an answer longer than maxLength are left out. */
export interface CompletionScores { row: number; logps: readonly number[] }

export async function scoreCompletions({ modelFolder, start, rows, maxLength, threads, signal }: ScoreRequest): Promise<CompletionScores[]> {
  const method = engineMethod('dpo'), config = METHODS.dpo.train.parse({ max_length: maxLength, packing: false });
  const loaded = loadModel({ modelFolder, start, adapter: null });
  checkPositions(loaded.model.config, rows, maxLength);
  const numbered = rows.map((row, source) => ({ ...row, source }));
  const data = prepareData(numbered, config, method);
  const order = data.sizes.map((_, i) => i).sort((a, b) => data.sizes[a]!.tokens - data.sizes[b]!.tokens || a - b);
  const size = Math.min(BATCH, order.length);
  const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size));
  const buckets = chooseBuckets(data.sizes, batches, size, BUCKETS);
  const pool = new ProgramPool({ spec: { model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method, config }, threads, prepack: false, recompute: false });
  const reference = new Reference({ pool, trainables: loaded.trainables, values: initialValues(loaded, { start, config }), roles: method.roles.length, remember: true, basis: loaded });
  try {
    for (const batch of batches) {
      await nextTurn();
      signal?.throwIfAborted();
      const shape = { rows: size, ...bucketFor(buckets, Math.max(...batch.map((row) => data.sizes[row]!.tokens))) };
      await reference.scores(batch, collate(batch.map((row) => data.row(row)), shape, { token: 0, share: 0 }, method.roles.length), shape);
    }
    return order.toSorted((a, b) => a - b).map((row) => ({ row: data.sources(row)[0]!, logps: [...reference.known.get(row)!] }));
  } finally {
    await pool.dispose();
  }
}
