/** The engine's half of a training method (the other half, its parameters and form, is in src/shared/methods): how a row becomes a token tree, and the loss over scored tokens. */

import type { MethodId } from '../../../shared/methods/index.ts';
import type { SftTrain } from '../../../shared/methods/sft.ts';
import type { Value } from '../graph/node.ts';

/** Scored loss rows of a batch, each [M] in the graph's real type. `valid` is 1 for real rows and 0 for padding; `weight` is what a row counts in the loss (0 for padding). */
export interface ScoredTokens { logp: Value; valid: Value; weight: Value }

/** A row as it is trained on: segments whose parents stand before them (see train/token-tree.ts). */
export interface MethodSegment { parent: number; ids: ArrayLike<number>; targets: ArrayLike<number> }

/** Tokens and mask of one example, possibly a piece of it. */
export interface TokenRow { ids: ArrayLike<number>; mask: ArrayLike<number> }

export interface EngineMethod {
  id: MethodId;
  /** `tokens`: weights are 1 / (loss tokens of the accumulation window) and micro losses add up. `batches`: mean over rows of a micro-batch, divided by the number of micro-batches. */
  normalisation: 'tokens' | 'batches';
  segments: (row: TokenRow) => MethodSegment[];
  /** Scalar loss of one micro-batch. */
  loss: (tokens: ScoredTokens, config: SftTrain) => Value;
}
