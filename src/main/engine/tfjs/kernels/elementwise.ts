/** One or two operands, element by element; operands broadcast as in NumPy, which tfjs does by itself. */

import type { Tensor, Tf } from '../tf.ts';
import { tfType } from '../tf.ts';
import { paramsOf, type Kernel } from './kernel.ts';
import type { DType } from '../../graph/dtype.ts';

const one = (f: (tf: Tf, x: Tensor) => Tensor): Kernel => ([x], { tf }) => f(tf, x!);
const two = (f: (tf: Tf, a: Tensor, b: Tensor) => Tensor): Kernel => ([a, b], { tf }) => f(tf, a!, b!);

export const elementwise: Readonly<Record<string, Kernel>> = {
  add: two((tf, a, b) => tf.add(a, b)),
  sub: two((tf, a, b) => tf.sub(a, b)),
  mul: two((tf, a, b) => tf.mul(a, b)),
  div: two((tf, a, b) => tf.div(a, b)),
  maximum: two((tf, a, b) => tf.maximum(a, b)),
  minimum: two((tf, a, b) => tf.minimum(a, b)),
  greater: two((tf, a, b) => tf.greater(a, b)),
  greaterEqual: two((tf, a, b) => tf.greaterEqual(a, b)),
  less: two((tf, a, b) => tf.less(a, b)),
  lessEqual: two((tf, a, b) => tf.lessEqual(a, b)),
  equal: two((tf, a, b) => tf.equal(a, b)),
  logicalAnd: two((tf, a, b) => tf.logicalAnd(a, b)),
  logicalOr: two((tf, a, b) => tf.logicalOr(a, b)),
  logicalNot: one((tf, x) => tf.logicalNot(x)),
  neg: one((tf, x) => tf.neg(x)),
  exp: one((tf, x) => tf.exp(x)),
  log: one((tf, x) => tf.log(x)),
  sqrt: one((tf, x) => tf.sqrt(x)),
  reciprocal: one((tf, x) => tf.reciprocal(x)),
  tanh: one((tf, x) => tf.tanh(x)),
  sigmoid: one((tf, x) => tf.sigmoid(x)),
  // tfjs' own softplus cuts the curve off at both ends.
  softplus: one((tf, x) => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))))),
  silu: one((tf, x) => tf.mul(x, tf.sigmoid(x))),
  erf: one((tf, x) => tf.erf(x)),
  abs: one((tf, x) => tf.abs(x)),
  sin: one((tf, x) => tf.sin(x)),
  cos: one((tf, x) => tf.cos(x)),
  where: ([condition, a, b], { tf, shape }) => tf.where(spread(tf, condition!, shape), spread(tf, a!, shape), spread(tf, b!, shape)),
  cast: ([x], ctx) => ctx.tf.cast(x!, tfType(paramsOf<{ to: DType }>(ctx).to)),
};

/** x repeated to a shape that it broadcasts to. */
export function spread(tf: Tf, x: Tensor, shape: readonly number[]): Tensor {
  return x.shape.length === shape.length && x.shape.every((d, i) => d === shape[i]) ? x : tf.broadcastTo(x, [...shape]);
}
