/** The rows of the table beside TRL, and TRL's settings. Every process of a row reads the same file in the same order and begins with the same weights. */

import { join } from 'node:path';
import type { RunSpec } from './train-spec.ts';

export type Side = 'anneal' | 'anneal-int8' | 'anneal-auto' | 'trl-fp32' | 'trl-bf16' | 'trl-defaults';
export interface Row {
  id: string;
  method: RunSpec['method'];
  full?: boolean;
  /** Also measured as `compute: auto` chooses. */
  auto?: boolean;
  /** Rows of a step: with packing (SFT) a step is one packed row on our side and on TRL's best one. */
  batch: number;
  /** Steps of ours and of TRL's best; of TRL's defaults, which take longer. The first is not timed. */
  steps: number;
  slowSteps: number;
  learningRate: number;
}

export const MAX_LENGTH = 1024;
/** TRL's per_device_train_batch_size. */
export const DEFAULT_BATCH = 8;
const THREADS = 2;

export const ROWS: readonly Row[] = [
  { id: 'sft-lora', method: 'sft', auto: true, batch: 1, steps: 4, slowSteps: 2, learningRate: 2e-4 },
  { id: 'sft-full', method: 'sft', full: true, batch: 1, steps: 3, slowSteps: 2, learningRate: 2e-5 },
  { id: 'dpo-lora', method: 'dpo', batch: 4, steps: 3, slowSteps: 2, learningRate: 1e-5 },
  { id: 'reward-lora', method: 'reward', batch: 4, steps: 3, slowSteps: 2, learningRate: 1e-4 },
];

const OURS: Readonly<Partial<Record<Side, string>>> = { anneal: 'fp32', 'anneal-int8': 'int8', 'anneal-auto': 'auto' };

/** Every side of a row: where nothing is frozen there is no int8. */
export function sidesOf(row: Row): Side[] {
  return ['anneal', 'trl-fp32', ...(row.full === true ? [] : ['anneal-int8' as const]), 'trl-bf16', ...(row.auto === true ? ['anneal-auto' as const] : []), 'trl-defaults'];
}

/** Settings by side. TRL's best: packing, no checkpointing, reference before the first step. Its defaults: bf16 autocast, checkpointing, padding to the longest row of a batch of 8, live reference. */
export function specOf(row: Row, model: string, side: Side, folder: string): RunSpec {
  const slow = side === 'trl-defaults';
  const spec: RunSpec = {
    method: row.method, model: join(folder, 'models', model), adapter: row.full === true ? null : join(folder, 'adapters', model, row.method === 'reward' ? 'adapter-reward' : 'adapter'), data: join(folder, row.method === 'sft' ? 'completions.jsonl' : 'pairs.jsonl'),
    steps: slow ? row.slowSteps : row.steps, batch: slow ? DEFAULT_BATCH : row.batch, max_length: MAX_LENGTH, packing: row.method === 'sft' && !slow, learning_rate: row.learningRate,
    checkpointing: slow, bf16: side === 'trl-bf16' || slow, precompute: row.method === 'dpo' && !slow, threads: THREADS,
  };
  const compute = OURS[side];
  return compute === undefined ? spec : { ...spec, ours: { compute } };
}

/** What the project asks of a ratio, by row. */
const BEST_FP32 = { 'sft-lora': 2, 'dpo-lora': 3 }, BEST = { 'sft-lora': 1.5, 'dpo-lora': 2 }, DEFAULTS = { 'sft-lora': 2.5, 'dpo-lora': 4 };

/** What is compared with what. */
export const PAIRINGS: readonly { peer: Side; ours: Side; what: string; targets: Readonly<Record<string, number>> }[] = [
  { peer: 'trl-fp32', ours: 'anneal', what: 'float32, TRL at its best in float32', targets: BEST_FP32 },
  { peer: 'trl-bf16', ours: 'anneal', what: 'float32 beside TRL at its best in bf16', targets: BEST },
  { peer: 'trl-bf16', ours: 'anneal-int8', what: 'int8 beside TRL at its best in bf16', targets: BEST },
  { peer: 'trl-bf16', ours: 'anneal-auto', what: '`auto` beside TRL at its best in bf16', targets: BEST },
  { peer: 'trl-defaults', ours: 'anneal', what: "float32 beside TRL's defaults", targets: DEFAULTS },
  { peer: 'trl-defaults', ours: 'anneal-int8', what: "int8 beside TRL's defaults", targets: DEFAULTS },
  { peer: 'trl-defaults', ours: 'anneal-auto', what: "`auto` beside TRL's defaults", targets: DEFAULTS },
];
/** Peak memory of ours as a share of TRL's. */
export const MEMORY_TARGET = 0.6;
/** Largest difference of losses, step by step, in fp32. */
export const LOSS_TARGET = 1e-3;
