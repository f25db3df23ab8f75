/** Pieces of preference losses, all elementwise over examples. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';

/** log of the logistic function, stable on both sides. */
export const logSigmoid = (x: Value): Value => o.neg(o.softplus(o.neg(x)));

/** -(1 - e) log s(x) - e log s(-x): the smoothed logistic loss (Mitchell, 2023). */
export function smoothed(x: Value, smoothing: number): Value {
  const right = o.softplus(o.neg(x));
  return smoothing === 0 ? right : o.add(o.mul(right, 1 - smoothing), o.mul(o.softplus(x), smoothing));
}

const SERIES = 0.1;
/** log(1 - e^x) for x < 0. Near zero a series of 1 - e^x keeps the digits that the difference would lose. */
export function log1mexp(x: Value): Value {
  const near = o.maximum(x, -SERIES);
  const far = o.minimum(x, -SERIES);
  // (1 - e^x) / -x = 1 + x/2 + x^2/6 + x^3/24 + x^4/120
  const series = o.add(o.mul(near, o.add(o.mul(near, o.add(o.mul(near, o.add(o.mul(near, 1 / 120), 1 / 24)), 1 / 6)), 1 / 2)), 1);
  return o.where(o.greater(x, -SERIES), o.log(o.mul(o.neg(near), series)), o.log(o.sub(1, o.exp(far))));
}

/** Ascending sort of x [E]; gradients go back to where the values stood. Ties keep their order. */
export function sorted(x: Value): Value {
  const n = x.shape[0]!;
  const index = x.graph.constant(Int32Array.from({ length: n }, (_, i) => i), [n], 'int32');
  const [column, row] = [o.reshape(x, [n, 1]), o.reshape(x, [1, n])];
  const [i, j] = [o.reshape(index, [n, 1]), o.reshape(index, [1, n])];
  // before[i, j]: x_j stands before x_i.
  const before = o.logicalOr(o.less(row, column), o.logicalAnd(o.equal(row, column), o.less(j, i)));
  const rank = o.reduceSum(o.cast(before, x.dtype), [-1]);
  const place = o.cast(index, x.dtype);
  const picks = o.stopGradient(o.cast(o.equal(o.reshape(place, [n, 1]), o.reshape(rank, [1, n])), x.dtype));
  return o.reshape(o.matmul(picks, o.reshape(x, [n, 1])), [n]);
}
