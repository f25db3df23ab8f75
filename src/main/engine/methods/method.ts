/**
 * The engine's half of a training method (the other half, its parameters and form, is in src/shared/methods): how an example becomes a token tree, and the loss over
 * scored tokens. Everything else of a run (loop, accumulation, reference, optimiser, evaluation, checkpoints) exists once, in train/.
 */

import type { MethodId, METHODS } from '../../../shared/methods/index.ts';
import type { TrainerConfig } from '../../../shared/methods/trainer.ts';
import type { z } from 'zod';
import type { Value } from '../graph/node.ts';
import type { TrainRow } from './example-row.ts';
import type { Completions } from './completions.ts';

export type ConfigOf<K extends MethodId> = z.infer<(typeof METHODS)[K]['train']>;

/** Scored loss rows of a batch, each [M] in the graph's real type. `valid` is 1 for real rows and 0 for padding; `weight` is what a row counts in a loss over tokens (0 for padding). What is not used costs nothing. */
export interface ScoredTokens {
  logp: Value; valid: Value; weight: Value;
  /** Entropy of the prediction in nats. */
  entropy: Value;
  /** 1 where the target has the largest logit. */
  hits: Value;
  /** Mean logit over the vocabulary. */
  meanLogit: Value;
  /** log of the sum of squared probabilities. */
  logCollision: Value;
}

/** A row as it is trained on: segments whose parents stand before them (train/token-tree.ts). `role` says which completion of its example a segment's losses belong to. */
export interface MethodSegment {
  parent: number;
  ids: ArrayLike<number>;
  /** 1 where a token carries a loss. */
  targets: ArrayLike<number>;
  role?: number;
  /** What each token counts in the sum of its completion; default 1. A prompt token that only a likelihood looks at counts 0. */
  shares?: ArrayLike<number>;
  /** The last token ends a completion (a reward is read here), which begins after `promptTokens` tokens of the segment. */
  ends?: boolean;
  promptTokens?: number;
}

/** A number that is averaged: over a micro-batch it is sum / count. Scalars. */
export interface Measure { sum: Value; count: Value }
export interface Measured { loss: Value; metrics: Readonly<Record<string, Measure>> }

export interface LossInputs<C> {
  tokens: ScoredTokens;
  /** Per completion; only methods with roles may ask. */
  completions: Completions;
  /** Scalars that live from step to step, by the names of `state`. */
  state: (name: string) => Value;
  /** The state after this micro-batch. */
  remember: (name: string, value: Value) => void;
  config: C;
}

export interface EngineMethod<C extends TrainerConfig = TrainerConfig> {
  id: MethodId;
  /** `tokens`: a loss row weighs 1 / (loss rows of the accumulation window) and micro losses add up. `examples`: mean over the examples of a micro-batch, divided by the number of micro-batches. */
  normalisation: 'tokens' | 'examples';
  /** Completions of an example, in the order of its scores; empty where the loss is over tokens alone. */
  roles: readonly string[];
  /** Roles whose tokens the counter `num_tokens` leaves out. */
  uncounted?: readonly string[];
  /** What the head gives: log-probabilities of tokens, or one number per completion (a scalar head on its last token). */
  head: 'log-probabilities' | 'score';
  /** The loss is a sum over rows (of tokens or examples), so a micro-batch may be computed in parts that are added up. Absent: it looks at a micro-batch as a whole. */
  separable?: (config: C) => boolean;
  /** Metrics that are the least or the largest number of a micro-batch instead of a mean. */
  extremes?: Readonly<Record<string, 'min' | 'max'>>;
  /** Log-probabilities of a frozen reference are needed. */
  reference?: (config: C) => boolean;
  /** Numbers that come with an example (a margin, a label). */
  columns?: readonly string[];
  /** Scalars that live from step to step, with their start. */
  state?: Readonly<Record<string, number>>;
  /** Metrics are averaged over the micro-batches of a logging window (TRL's way for most) or over all that was counted in it. */
  averaging: 'batches' | 'counts';
  segments: (row: TrainRow, config: C) => MethodSegment[];
  /** Scalar loss of one micro-batch, and its metrics. */
  loss: (inputs: LossInputs<C>) => Measured;
}
