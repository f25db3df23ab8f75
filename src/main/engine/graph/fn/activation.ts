/** Activations: swiglu, gelu exact and tanh approximation (Hendrycks and Gimpel, 2016), log-sigmoid. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

/** silu(gate) * up (Shazeer, 2020). Keeps gate and up for the gradient, not their activations: the largest tensors of a layer. */
export function swiglu(gate: Value, up: Value): Value {
  return o.customGrad([o.mul(o.silu(gate), up)], [gate, up], ([dy], [needGate, needUp]) => {
    if (!dy) return [null, null];
    const s = o.sigmoid(gate);
    const y = o.mul(s, gate);
    return [needGate ? o.mul(o.mul(dy, up), o.add(s, o.mul(y, o.sub(1, s)))) : null, needUp ? o.mul(dy, y) : null];
  })[0] as Value;
}

/** geluTanh(gate) * up, with the same economy as swiglu. */
export function gegluTanh(gate: Value, up: Value): Value {
  return o.customGrad([o.mul(geluTanh(gate), up)], [gate, up], ([dy], [needGate, needUp]) => {
    if (!dy) return [null, null];
    const square = o.mul(gate, gate);
    const t = o.tanh(o.mul(o.mul(gate, o.add(o.mul(square, CUBIC), 1)), SLOPE));
    const half = o.mul(o.add(t, 1), 0.5);
    const inner = o.mul(o.add(o.mul(square, 3 * CUBIC), 1), SLOPE / 2);
    const slope = o.add(half, o.mul(o.mul(gate, inner), o.sub(1, o.mul(t, t))));
    return [needGate ? o.mul(o.mul(dy, up), slope) : null, needUp ? o.mul(dy, o.mul(gate, half)) : null];
  })[0] as Value;
}

const CUBIC = 0.044715;
const SLOPE = Math.sqrt(2 / Math.PI);

export const gelu = (x: Value): Value => o.mul(o.mul(x, 0.5), o.add(o.erf(o.mul(x, Math.SQRT1_2)), 1));

export function geluTanh(x: Value): Value {
  const inner = o.mul(o.mul(x, o.add(o.mul(o.mul(x, x), CUBIC), 1)), SLOPE);
  return o.mul(o.mul(x, 0.5), o.add(o.tanh(inner), 1));
}

/** log(sigmoid(x)), stable. */
export const logSigmoid = (x: Value): Value => o.neg(o.softplus(o.neg(x)));
export const relu = (x: Value): Value => o.maximum(x, 0);
export const clamp = (x: Value, low: number, high: number): Value => o.minimum(o.maximum(x, low), high);
export const square = (x: Value): Value => o.mul(x, x);
