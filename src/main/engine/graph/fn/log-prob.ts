/** Log-probabilities of tokens, entropy and related quantities of a matrix of logits. All float32 or wider; stable. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

/** log(sum(exp(x))) over the last axis (kept as size 1 with keepDims). max(x) - log(max(softmax(x))): two cheap reductions of what softmax gives anyway. */
export function logSumExp(x: Value, keepDims = false): Value {
  const p = o.softmax(x);
  const lse = o.sub(o.reduceMax(x, [-1], true), o.log(o.reduceMax(p, [-1], true)));
  const y = o.customGrad([lse], [x], ([dy], [need]) => [need && dy ? o.mul(dy, p) : null])[0] as Value;
  return keepDims ? y : o.reshape(y, x.shape.slice(0, -1));
}

export const logSoftmax = (x: Value): Value => o.sub(x, logSumExp(x, true));

/** log p(target) of each row: logits [N, V], targets [N] integer ids, result [N]. */
export function tokenLogProbs(logits: Value, targets: Value): Value {
  const ids = o.reshape(targets, [...targets.shape, 1]);
  return o.sub(o.reshape(o.takeAlong(logits, ids), targets.shape), logSumExp(logits));
}

/** Entropy of softmax(logits) per row, in nats. */
export const entropy = (logits: Value): Value => o.sub(logSumExp(logits), o.reduceSum(o.mul(o.softmax(logits), logits), [-1]));

/** 1 where the largest logit is the target's, else 0; in the graph's float type. */
export const argmaxHits = (logits: Value, targets: Value): Value => o.cast(o.equal(o.argmax(logits, -1), o.cast(targets, 'int64')), logits.graph.real);
