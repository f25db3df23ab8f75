/** Activations: silu (Elfwing et al., 2017), gelu exact and tanh approximation (Hendrycks and Gimpel, 2016), log-sigmoid. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

/** x * sigmoid(x). Its own gradient: dy * s * (1 + x * (1 - s)), four products less than the chain of ops. */
export function silu(x: Value): Value {
  const s = o.sigmoid(x);
  const y = o.mul(x, s);
  return o.customGrad([y], [x], ([dy], [need]) => [need && dy ? o.mul(dy, o.add(s, o.mul(y, o.sub(1, s)))) : null])[0] as Value;
}

export const gelu = (x: Value): Value => o.mul(o.mul(x, 0.5), o.add(o.erf(o.mul(x, Math.SQRT1_2)), 1));

export function geluTanh(x: Value): Value {
  const inner = o.mul(o.mul(x, o.add(o.mul(o.mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return o.mul(o.mul(x, 0.5), o.add(o.tanh(inner), 1));
}

/** log(sigmoid(x)), stable. */
export const logSigmoid = (x: Value): Value => o.neg(o.softplus(o.neg(x)));
export const relu = (x: Value): Value => o.maximum(x, 0);
export const clamp = (x: Value, low: number, high: number): Value => o.minimum(o.maximum(x, low), high);
export const square = (x: Value): Value => o.mul(x, x);
