/** Decoupled AdamW over flat float32 vectors, with bias correction in float64. Source: Loshchilov and Hutter 2019; formula of `shared/spec/alignment.md` section 1.2. */

export interface AdamWOptions { beta1: number; beta2: number; eps: number; weightDecay: number }
export const ADAMW_DEFAULTS: AdamWOptions = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 };

/** One trainable tensor as a range of the flat vector. */
export interface ParameterRange { name: string; shape: readonly number[]; offset: number; length: number; decay: boolean }

/** First and second moments, and the number of updates done. Saved and restored as they are. */
export interface AdamWState { step: number; m: Float32Array; v: Float32Array }

export function createAdamWState(length: number): AdamWState {
  return { step: 0, m: new Float32Array(length), v: new Float32Array(length) };
}

/** Updates `params` in place with `grads` times `gradScale` (the clipping factor). */
export function adamwStep(params: Float32Array, grads: Float32Array, state: AdamWState, ranges: readonly ParameterRange[], lr: number, gradScale: number, options: AdamWOptions): void {
  const { beta1, beta2, eps, weightDecay } = options;
  state.step++;
  const correction1 = 1 - beta1 ** state.step;
  const rootCorrection2 = Math.sqrt(1 - beta2 ** state.step);
  const stepSize = lr / correction1;
  const { m, v } = state;
  for (const range of ranges) {
    const keep = range.decay ? 1 - lr * weightDecay : 1;
    const end = range.offset + range.length;
    for (let i = range.offset; i < end; i++) {
      const g = grads[i]! * gradScale;
      const mi = beta1 * m[i]! + (1 - beta1) * g;
      const vi = beta2 * v[i]! + (1 - beta2) * g * g;
      m[i] = mi;
      v[i] = vi;
      params[i] = params[i]! * keep - stepSize * mi / (Math.sqrt(vi) / rootCorrection2 + eps);
    }
  }
}
