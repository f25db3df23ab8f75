/** Sums of log-probabilities of completions under a model, as preference training computes them: through token trees, the prompt once. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { METHODS } from '../../../shared/methods/index.ts';
import { engineMethod } from '../methods/index.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { collate } from './batch.ts';
import { bucketFor, chooseBuckets } from './buckets.ts';
import { checkPositions } from './check-positions.ts';
import type { StartWeights } from './options.ts';
import { ProgramPool } from './program-pool.ts';
import { Reference } from './reference.ts';
import { openForScoring } from './scoring-model.ts';
import { prepareData } from './train-data.ts';

const BATCH = 16;
const BUCKETS = 3;

/** `adapter`: settings of the adapter that `start` is; absent: it is merged. */
export interface ScoreRequest { modelFolder: string; start: StartWeights | null; adapter?: LoraAdapter | null; rows: readonly ExampleRow[]; maxLength: number; batch?: number; threads: number; signal?: AbortSignal | undefined; /** Hears how many rows are done. */ onBatch?: (done: number) => void }
/** Sums of one row's completions in nats, two of them; `row` counts in `rows` as given. Rows with an answer longer than maxLength are left out. */
export interface CompletionScores { row: number; logps: readonly number[] }

export async function scoreCompletions({ modelFolder, start, adapter = null, rows, maxLength, batch: most = BATCH, threads, signal, onBatch }: ScoreRequest): Promise<CompletionScores[]> {
  const method = engineMethod('dpo'), config = METHODS.dpo.train.parse({ max_length: maxLength, packing: false });
  const { loaded, values, spec } = openForScoring({ modelFolder, start, adapter });
  checkPositions(loaded.model.config, rows, maxLength);
  const numbered = rows.map((row, source) => ({ ...row, source }));
  const data = prepareData(numbered, config, method);
  const order = data.sizes.map((_, i) => i).sort((a, b) => data.sizes[a]!.tokens - data.sizes[b]!.tokens || a - b);
  const size = Math.min(most, order.length);
  const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size));
  const buckets = chooseBuckets(data.sizes, batches, size, BUCKETS);
  const pool = new ProgramPool({ spec: { ...spec, method, config }, threads, prepack: false, recompute: false });
  const reference = new Reference({ pool, trainables: spec.trainables, values, roles: method.roles.length, remember: true, basis: loaded });
  let done = 0;
  try {
    for (const batch of batches) {
      await nextTurn();
      signal?.throwIfAborted();
      const shape = { rows: size, ...bucketFor(buckets, Math.max(...batch.map((row) => data.sizes[row]!.tokens))) };
      await reference.scores(batch, collate(batch.map((row) => data.row(row)), shape, { token: 0, share: 0 }, method.roles.length), shape);
      onBatch?.(done += batch.length);
    }
    return order.toSorted((a, b) => a - b).map((row) => ({ row: data.sources(row)[0]!, logps: [...reference.known.get(row)!] }));
  } finally {
    await pool.dispose();
  }
}
