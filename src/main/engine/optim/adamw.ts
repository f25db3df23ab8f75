/** Decoupled AdamW over flat float32 vectors, with bias correction in float64. Source: Loshchilov and Hutter 2019; formula of `shared/spec/alignment.md` section 1.2. */

import { reals } from './reals.ts';

export interface AdamWOptions { beta1: number; beta2: number; eps: number; weightDecay: number }

/** One trainable tensor as a range of the flat vector. */
export interface ParameterRange { name: string; shape: readonly number[]; offset: number; length: number; decay: boolean }

/** Trained values with their first and second moments, and the number of updates done. Saved and restored as they are. */
export interface AdamWState { step: number; values: Float32Array; m: Float32Array; v: Float32Array }

export function createAdamWState(values: Float32Array): AdamWState {
  return { step: 0, values, m: reals(values.length), v: reals(values.length) };
}

export interface AdamWUpdate { grads: Float32Array; /** Factor on the gradients (clipping). */ gradScale: number; learningRate: number }

/** Elements `start` to `end` (exclusive) that are updated alike; `keep` is what weight decay leaves of a value. */
export interface AdamWPiece { start: number; end: number; keep: number }

/** What is the same for all elements of one update. */
export interface AdamWFactors { gradScale: number; beta1: number; beta2: number; eps: number; stepSize: number; /** 1 / sqrt(1 - beta2^step) */ correction2: number }

/** One update. `to` may be `from`; with two states the one before the update survives for a roll-back at no cost in time. */
export function adamwStep(from: AdamWState, to: AdamWState, ranges: readonly ParameterRange[], update: AdamWUpdate, options: AdamWOptions): void {
  const { pieces, factors } = beginUpdate(from, to, ranges, update, options);
  updatePieces(from, to, update.grads, pieces, factors);
}

/** Counts the step and says what is to be computed; the elements may then be updated in any order and by any number of threads. */
export function beginUpdate(from: AdamWState, to: AdamWState, ranges: readonly ParameterRange[], { gradScale, learningRate }: AdamWUpdate, { beta1, beta2, eps, weightDecay }: AdamWOptions): { pieces: AdamWPiece[]; factors: AdamWFactors } {
  to.step = from.step + 1;
  return {
    pieces: ranges.map(({ offset, length, decay }) => ({ start: offset, end: offset + length, keep: decay ? 1 - learningRate * weightDecay : 1 })),
    factors: { gradScale, beta1, beta2, eps, stepSize: learningRate / (1 - beta1 ** to.step), correction2: 1 / Math.sqrt(1 - beta2 ** to.step) },
  };
}

type Vectors = Pick<AdamWState, 'values' | 'm' | 'v'>;

/** Reads nothing but its arguments: its source text runs in other threads too (update-threads.ts). */
export function updatePieces(from: Vectors, to: Vectors, grads: Float32Array, pieces: readonly AdamWPiece[], factors: AdamWFactors): void {
  const { gradScale, beta1, beta2, eps, stepSize, correction2 } = factors;
  const { values, m, v } = from;
  const { values: nextValues, m: nextM, v: nextV } = to;
  for (const { start, end, keep } of pieces) {
    for (let i = start; i < end; i++) {
      const g = grads[i]! * gradScale;
      const mi = beta1 * m[i]! + (1 - beta1) * g;
      const vi = beta2 * v[i]! + (1 - beta2) * g * g;
      nextM[i] = mi;
      nextV[i] = vi;
      nextValues[i] = values[i]! * keep - stepSize * mi / (Math.sqrt(vi) * correction2 + eps);
    }
  }
}
