/** How a step is computed: settings that trade memory for time and change no result beyond the last bits. The planner chooses them before the start; a checkpoint keeps them, so that a resumed run repeats every bit. */

import { z } from 'zod';

/** Rows of keys and of the output head that are worked on at a time: sizes that measured well on CPU. */
export const CHUNKS = { attention: 256, head: 256 } as const;
export interface Chunks { attention: number; head: number }

export const executionLayout = z.object({
  /** Activations that the backward pass computes again: none, cheap ones (norms, activation functions), attention probabilities as well, or all of a layer's. `auto`: cheap ones where they are large. */
  recompute: z.enum(['none', 'auto', 'cheap', 'attention', 'all']).default('auto'),
  /** Rows computed at a time, of a batch and of an evaluation batch; null: all of them. */
  rows: z.number().int().positive().nullable().default(null),
  eval_rows: z.number().int().positive().nullable().default(null),
  /** Row lengths that programs are compiled for, at most; null: as many as pay. */
  buckets: z.number().int().positive().nullable().default(null),
  attention_chunk: z.number().int().positive().default(CHUNKS.attention),
  head_chunk: z.number().int().positive().default(CHUNKS.head),
});
export type ExecutionLayout = z.infer<typeof executionLayout>;
/** `prepack`: keep packed copies of frozen weights: a little faster, up to twice their memory. */
export interface ExecutionChoice extends ExecutionLayout { prepack: boolean }
