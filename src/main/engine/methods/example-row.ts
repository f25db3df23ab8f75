/** One example with completions to one prompt, as token ids: what data preparation hands to methods that compare or judge answers. */

import type { EncodedRow } from './encoded-row.ts';

/** A completion as it is read in full: prompt and answer. The first `prompt` ids are the prompt. */
export interface EncodedCompletion { ids: Int32Array | readonly number[]; prompt: number }

export interface ExampleRow {
  /** In the order of the method's roles. */
  completions: readonly EncodedCompletion[];
  /** The method's columns: a margin, a label (1 or 0). */
  columns: Readonly<Record<string, number>>;
  truncated: boolean;
  /** Each completion is read with a prompt of its own, even where the ids are the same. */
  separate?: boolean;
  /** Index of the row in its dataset, for messages. */
  source: number;
}

export type TrainRow = EncodedRow | ExampleRow;
export function isExample(row: TrainRow): row is ExampleRow { return 'completions' in row; }
