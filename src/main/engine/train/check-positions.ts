/** A model with learned positions has none beyond its table: longer examples are refused before anything is compiled. Rotary positions go on, so that a longer row is only unusual. */

import { AnnealError } from '../../../shared/errors.ts';
import type { DecoderConfig } from '../models/config.ts';
import { isExample, type TrainRow } from '../methods/example-row.ts';

/** Throws `recipe-value` when an example, cut to `maxLength`, is longer than the model's table of positions. */
export function checkPositions({ learnedPositions, modelType }: DecoderConfig, rows: readonly TrainRow[], maxLength: number): void {
  if (learnedPositions === null) return;
  const longest = Math.min(maxLength, rows.reduce((n, row) => Math.max(n, ...(isExample(row) ? row.completions.map((c) => c.ids.length) : [row.ids.length])), 0));
  if (longest > learnedPositions) throw new AnnealError('recipe-value', `An example has ${longest} tokens, but this ${modelType} model has positions for ${learnedPositions} only; set train.max_length to at most ${learnedPositions}.`, { tokens: longest });
}
