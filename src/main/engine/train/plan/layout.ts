/** A way to compute a run, laid out: row lengths, programs, and the memory that they need. */

import type { RecomputeLevel } from '../../graph/passes/recompute.ts';
import type { EngineMethod } from '../../methods/method.ts';
import type { Bucket, RowSize } from '../buckets.ts';
import { chooseBuckets } from '../buckets.ts';
import { evaluationLayout } from '../evaluate.ts';
import { planJoined, type JoinPlan } from '../joined-rows.ts';
import type { TrainOptions } from '../options.ts';
import type { ProgramPool } from '../program-pool.ts';
import type { TrainData } from '../train-data.ts';
import { estimateBesideCard, estimateCard, type CardEstimate, type CardInputs } from './card-memory.ts';
import { estimateMemory, type MemoryEstimate, type Needs, type PlannedProgram } from './estimate.ts';
import type { ExecutionChoice } from './execution.ts';
import type { GraphCost } from './graph-cost.ts';
import { partsOf } from './parts.ts';

export interface LayoutInputs {
  options: TrainOptions;
  method: EngineMethod;
  data: TrainData;
  evalData: TrainData | null;
  /** A sample of the run's batches: row indexes. */
  batches: readonly (readonly number[])[];
  bucketLimit: number;
  hiddenSize: number;
  /** What a run costs beside its slots, in slots (joined-rows.ts). */
  overhead: number;
  pool: (choice: ExecutionChoice) => ProgramPool;
  /** The reference's graph, where it is another model's. */
  otherReference: ((shape: Bucket & { rows: number }) => GraphCost) | null;
  /** How the reference is used; null without one. */
  reference: { precomputed: boolean } | null;
  optimizerCopies: number; referenceCopies: number;
  /** Trained numbers. */
  values: number;
  /** Of a run on a graphics card. */
  card: CardInputs | null;
}

export interface Layout {
  choice: ExecutionChoice;
  buckets: readonly Bucket[];
  /** Rows of a compiled step; 1 where rows are joined. */
  batchRows: number;
  evalRows: number;
  joined: JoinPlan | null;
  pool: ProgramPool;
  /** With `card`: of the computer alone. */
  memory: MemoryEstimate;
  card: CardEstimate | null;
  /** Of one run of the longest training step. */
  cost: GraphCost;
  /** What that step computes again. */
  again: 'none' | RecomputeLevel;
}

export function layOut(inputs: LayoutInputs, choice: ExecutionChoice): Layout {
  const { options, method, data, evalData, batches, bucketLimit, hiddenSize, overhead } = inputs;
  const { config } = options;
  const limit = choice.buckets ?? bucketLimit;
  const fullRows = Math.min(config.per_device_train_batch_size, data.sizes.length);
  const rows = Math.min(choice.rows ?? fullRows, fullRows);
  const padded = chooseBuckets(data.sizes, rows === fullRows ? batches : batches.flatMap((b) => partsOf(b, rows)), rows, limit);
  const joined = rows === fullRows && !config.packing && method.separable?.(config) === true ? planJoined(data.sizes, batches, { batchRows: fullRows, buckets: padded, hiddenSize, overhead }) : null;
  const [buckets, batchRows] = joined === null ? [padded, rows] as const : [[joined.bucket], 1] as const;
  const pool = inputs.pool(choice);
  const train = programs(pool, 'train', batchRows, buckets);
  const evalRows = choice.eval_rows ?? config.per_device_eval_batch_size;
  const held = evalData === null ? null : evaluationLayout(evalData.sizes, evalRows, Math.max(1, buckets.length));
  const reference = (rowCount: number, of: readonly Bucket[]): PlannedProgram[] => {
    if (inputs.reference === null) return [];
    const longest = { rows: rowCount, ...of.at(-1)! };
    const cost = inputs.otherReference?.(longest) ?? pool.cost('reference', longest);
    return of.map((b) => ({ cost, packed: inputs.otherReference === null && pool.packs('reference', cost), share: b.length / longest.length }));
  };
  const needs: Needs = {
    train,
    evaluation: held === null ? [] : programs(pool, 'evaluate', held.rows, held.buckets),
    reference: [...(inputs.reference?.precomputed === false ? reference(batchRows, buckets) : []), ...(held === null ? [] : reference(held.rows, held.buckets))],
    referenceBefore: inputs.reference?.precomputed === true ? reference(batchRows, buckets) : [],
    values: inputs.values, optimizerCopies: inputs.optimizerCopies, referenceCopies: inputs.referenceCopies, generation: options.besideBytes ?? 0,
    tokens: tokensOf(data.sizes) + (evalData === null ? 0 : tokensOf(evalData.sizes)), rows: data.sizes.length + (evalData?.sizes.length ?? 0),
  };
  return { choice, buckets, batchRows, evalRows, joined, pool, memory: inputs.card === null ? estimateMemory(needs) : estimateBesideCard(needs), card: inputs.card === null ? null : estimateCard(needs, inputs.card), cost: train.at(-1)!.cost, again: pool.level({ rows: batchRows, ...buckets.at(-1)! }) };
}

function programs(pool: ProgramPool, kind: 'train' | 'evaluate', rows: number, buckets: readonly Bucket[]): PlannedProgram[] {
  const longest = buckets.at(-1)!;
  const cost = pool.cost(kind, { rows, ...longest });
  return buckets.map((b) => ({ cost, packed: pool.packs(kind, cost), share: b.length / longest.length }));
}

const tokensOf = (sizes: readonly RowSize[]): number => sizes.reduce((n, s) => n + s.tokens, 0);
