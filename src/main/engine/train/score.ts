/** Scores of completions by a reward model: the scalar head at the last token that is not padding (methods/scored-rows.ts). In batches of similar length; a prompt that answers share is computed once. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnnealError } from '../../../shared/errors.ts';
import { METHODS } from '../../../shared/methods/index.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { exampleSegments } from '../methods/example-segments.ts';
import type { EngineMethod } from '../methods/method.ts';
import { engineMethod } from '../methods/index.ts';
import { withoutPadding } from '../methods/scored-rows.ts';
import { paddingId } from '../models/reward-config.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import { collate } from './batch.ts';
import { bucketFor, chooseBuckets } from './buckets.ts';
import { ProgramPool } from './program-pool.ts';
import { openForScoring, type ScoringModel, type ScoringSource } from './scoring-model.ts';
import { SCORES } from './step-graph.ts';
import { prepareData } from './train-data.ts';
import { trainableFeeds } from './trainables.ts';

export interface ScoreOptions extends ScoringSource { batch: number; threads: number; signal?: AbortSignal | undefined }

export class RewardScorer {
  readonly #pools = new Map<number, ProgramPool>();
  readonly #options: ScoreOptions;
  readonly #opened: ScoringModel;

  /** Throws `model-config-invalid` for a model without a scalar head. */
  constructor(options: ScoreOptions) {
    this.#opened = openForScoring(options, 'reward');
    if (options.adapter === null && !this.#opened.loaded.weights.has(SCORE_HEAD)) throw new AnnealError('model-config-invalid', 'This model has no scalar head (score.weight), so it cannot score answers: choose a reward model, or train one with the method reward.');
    this.#options = options;
  }

  /** Longest text that it reads. */
  get context(): number { return this.#opened.loaded.model.config.maxPositions; }

  /** One number per completion, in the order of the rows. All rows have the same number of completions; `onBatch` hears how many rows are done. */
  async score(rows: readonly ExampleRow[], onBatch?: (done: number) => void): Promise<number[][]> {
    if (rows.length === 0) return [];
    const count = rows[0]!.completions.length, method = scoring(count);
    const data = prepareData(withoutPadding(rows, paddingId(this.#opened.loaded.model.config.raw)), METHODS.reward.train.parse({ max_length: this.context, packing: false }), method);
    if (data.sizes.length !== rows.length) throw new RangeError('every row must fit the context');
    const order = data.sizes.map((_, i) => i).sort((a, b) => data.sizes[a]!.tokens - data.sizes[b]!.tokens || a - b);
    const batchSize = Math.min(this.#options.batch, rows.length), batches = Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize));
    const buckets = chooseBuckets(data.sizes, batches, batchSize, 4);
    const scores = rows.map((): number[] => []);
    let done = 0;
    for (const indexes of batches) {
      await nextTurn();
      this.#options.signal?.throwIfAborted();
      const shape = { rows: batchSize, ...bucketFor(buckets, Math.max(...indexes.map((i) => data.sizes[i]!.tokens))) };
      const { feeds } = collate(indexes.map((i) => data.row(i)), shape, { token: 0, share: 0 }, count);
      const program = await this.#pool(count, method).get('score', shape);
      const outputs = await program.run({ ...feeds, ...trainableFeeds(this.#opened.spec.trainables, this.#opened.values) });
      const found = outputs[SCORES]!.data as Float32Array;
      indexes.forEach((row, e) => { scores[row] = Array.from({ length: count }, (_, role) => found[role * shape.examples + e]!); });
      done += indexes.length;
      onBatch?.(done);
    }
    return scores;
  }

  async dispose(): Promise<void> { for (const pool of this.#pools.values()) await pool.dispose(); }

  #pool(count: number, method: EngineMethod): ProgramPool {
    let pool = this.#pools.get(count);
    if (pool === undefined) this.#pools.set(count, pool = new ProgramPool({ spec: { ...this.#opened.spec, method, config: METHODS.reward.train.parse({}) }, threads: this.#options.threads, prepack: false, recompute: false }));
    return pool;
  }
}

/** The reward method with as many answers to a prompt as the rows have. */
function scoring(count: number): EngineMethod {
  return { ...engineMethod('reward'), roles: Array.from({ length: count }, (_, i) => `answer ${i + 1}`), columns: [], segments: (row) => exampleSegments(row, { losses: false }) };
}
