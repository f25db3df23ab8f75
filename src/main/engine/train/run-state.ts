/** Everything of a run that changes from step to step, and therefore everything that a checkpoint must hold. */

import { createAdamWState, type AdamWState } from '../optim/adamw.ts';
import { reals } from '../optim/reals.ts';
import type { LossScale } from './loss-scale.ts';

/** Sums over the steps since the last logged metrics; plain numbers, so that they survive a checkpoint exactly. `measures`: sum and count of each metric of the method. */
export interface MetricWindow { steps: number; loss: number; gradNorm: number; measures: Record<string, { sum: number; count: number }> }
export const emptyWindow = (): MetricWindow => ({ steps: 0, loss: 0, gradNorm: 0, measures: {} });
export const copyWindow = (w: MetricWindow): MetricWindow => ({ ...w, measures: Object.fromEntries(Object.entries(w.measures).map(([k, v]) => [k, { ...v }])) });

export interface RunState {
  /** Optimiser steps done. */
  step: number;
  epoch: number;
  /** Tokens seen, prompts included, padding not. */
  tokens: number;
  adam: AdamWState;
  /** State before the last update, for a roll-back when the weights that it made are bad; absent where a second copy would be large. */
  previous: { adam: AdamWState; step: number; epoch: number; tokens: number; window: MetricWindow; method: Record<string, number> } | null;
  window: MetricWindow;
  /** Scalars of the method that live from step to step. */
  method: Record<string, number>;
  /** A reference that follows the policy; null where it stays as it was. */
  reference: Float32Array | null;
  /** Of a run in float16. */
  lossScale: LossScale | null;
  /** Training seconds over all attempts. */
  seconds: number;
}

/** Above this many bytes a second copy of values and moments is not kept: adapters and small models have one, 135M values trained whole (1.6 GB a copy) go back to their last checkpoint. */
const PREVIOUS_LIMIT = 2 ** 29;
/** Is the state before the last update of so many values kept? */
export const keepsPrevious = (values: number): boolean => values * 4 * 3 <= PREVIOUS_LIMIT;

export function createRunState(values: Float32Array, method: Readonly<Record<string, number>> = {}): RunState {
  const previous = !keepsPrevious(values.length) ? null : { adam: createAdamWState(reals(values.length)), step: -1, epoch: 0, tokens: 0, window: emptyWindow(), method: {} };
  return { step: 0, epoch: 0, tokens: 0, adam: createAdamWState(values), previous, window: emptyWindow(), method: { ...method }, reference: null, lossScale: null, seconds: 0 };
}

/** Returns to the state before the last update. False when there is none. */
export function rollBack(state: RunState): boolean {
  const { previous } = state;
  if (previous === null || previous.step < 0) return false;
  const bad = state.adam;
  Object.assign(state, { adam: previous.adam, step: previous.step, epoch: previous.epoch, tokens: previous.tokens, window: previous.window, method: previous.method });
  state.previous = { adam: bad, step: -1, epoch: 0, tokens: 0, window: emptyWindow(), method: {} };
  return true;
}
