/** What a step computes again where nobody has decided: what is large and costs little time (docs/decisions/0016-memory.md). */

import type { RecomputeLevel } from '../../graph/passes/recompute.ts';
import type { DecoderConfig } from '../../models/config.ts';

const FLOAT = 4;
/** From this size of one feed-forward activation over all layers on, cheap activations. */
const WIDE = 64e6;
/** From this size over all layers on, attention probabilities. */
const LONG = 256e6;

/** `chunk`: query rows at a time; a causal chunk has probabilities for the keys up to its end. */
export function automaticLevel({ layers, heads, intermediateSize }: Pick<DecoderConfig, 'layers' | 'heads' | 'intermediateSize'>, { rows, length }: { rows: number; length: number }, chunk: number): 'none' | RecomputeLevel {
  if (rows * layers * heads * length * ((length + Math.min(chunk, length)) / 2) * FLOAT > LONG) return 'attention';
  return rows * length * layers * intermediateSize * FLOAT > WIDE ? 'cheap' : 'none';
}
