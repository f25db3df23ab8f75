/** Decoupled AdamW over flat float32 vectors, with bias correction in float64. Source: Loshchilov and Hutter 2019; formula of `shared/spec/alignment.md` section 1.2. */

export interface AdamWOptions { beta1: number; beta2: number; eps: number; weightDecay: number }

/** One trainable tensor as a range of the flat vector. */
export interface ParameterRange { name: string; shape: readonly number[]; offset: number; length: number; decay: boolean }

/** Trained values with their first and second moments, and the number of updates done. Saved and restored as they are. */
export interface AdamWState { step: number; values: Float32Array; m: Float32Array; v: Float32Array }

export function createAdamWState(values: Float32Array): AdamWState {
  return { step: 0, values, m: new Float32Array(values.length), v: new Float32Array(values.length) };
}

export interface AdamWUpdate { grads: Float32Array; /** Factor on the gradients (clipping). */ gradScale: number; learningRate: number }

/** One update. `to` may be `from`; with two states the one before the update survives for a roll-back at no cost in time. */
export function adamwStep(from: AdamWState, to: AdamWState, ranges: readonly ParameterRange[], update: AdamWUpdate, options: AdamWOptions): void {
  const { beta1, beta2, eps, weightDecay } = options;
  const { grads, gradScale, learningRate } = update;
  to.step = from.step + 1;
  const stepSize = learningRate / (1 - beta1 ** to.step);
  const rootCorrection2 = Math.sqrt(1 - beta2 ** to.step);
  const { values, m, v } = from;
  const { values: nextValues, m: nextM, v: nextV } = to;
  for (const range of ranges) {
    const keep = range.decay ? 1 - learningRate * weightDecay : 1;
    const end = range.offset + range.length;
    for (let i = range.offset; i < end; i++) {
      const g = grads[i]! * gradScale;
      const mi = beta1 * m[i]! + (1 - beta1) * g;
      const vi = beta2 * v[i]! + (1 - beta2) * g * g;
      nextM[i] = mi;
      nextV[i] = vi;
      nextValues[i] = values[i]! * keep - stepSize * mi / (Math.sqrt(vi) / rootCorrection2 + eps);
    }
  }
}
