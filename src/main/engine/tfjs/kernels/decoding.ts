/** Kernels of decoding programs: the sum of two tensors with its norm, and attention of one new token to a cache. */

import type { CachedAttentionParams } from '../../graph/ops/fused/cached-attention.ts';
import type { Tensor, Tf } from '../tf.ts';
import { paramsOf, type Kernel } from './kernel.ts';
import { rmsNorm } from './matmul.ts';

const HIDDEN = -1e30;

export const decoding: Readonly<Record<string, Kernel>> = {
  skipNorm: ([a, b, weight], ctx) => {
    const sum = ctx.tf.add(a!, b!);
    return [rmsNorm(ctx.tf, sum, weight!, paramsOf<{ eps: number }>(ctx).eps), sum];
  },
  cachedAttention: (inputs, ctx) => {
    const { tf } = ctx;
    const { heads, kvHeads, scale, window, softcap, packed, rotary } = paramsOf<CachedAttentionParams>(ctx);
    const [pastK, pastV, lengths] = inputs.slice(packed ? 1 : 3) as [Tensor, Tensor, Tensor];
    const [batch, , slots, size] = pastK.shape as [number, number, number, number];
    const counts = [heads, kvHeads, kvHeads];
    const fresh = packed ? tf.split(tf.reshape(inputs[0]!, [batch, heads + 2 * kvHeads, size]), counts, 1) : inputs.slice(0, 3).map((x, i) => tf.reshape(x, [batch, counts[i]!, size]));
    const tables = rotary ? inputs.slice(-2).map((table) => tf.expandDims(tf.gather(table, lengths as ReturnType<Tf['tensor1d']>), 1)) : [];
    const turn = (x: Tensor): Tensor => (rotary ? turned(tf, x, tables[0]!, tables[1]!) : x);
    const [q, k, v] = [turn(fresh[0]!), turn(fresh[1]!), fresh[2]!];
    const grown = (past: Tensor, x: Tensor): Tensor => tf.concat([past, tf.expandDims(x, 2)], 2);
    const raw = tf.mul(tf.matMul(tf.reshape(q, [batch, kvHeads, heads / kvHeads, size]), grown(pastK, k), false, true), scale);
    const scores = softcap === null ? raw : tf.mul(tf.tanh(tf.div(raw, softcap)), softcap);
    // The new token stands in the last column and is always seen.
    const columns = tf.reshape(tf.range(0, slots + 1, 1, 'int32'), [1, slots + 1]);
    const length = tf.reshape(lengths, [batch, 1]);
    const old = tf.less(columns, length);
    const near = window === null ? old : tf.logicalAnd(old, tf.greaterEqual(columns, tf.sub(length, tf.scalar(window - 1, 'int32'))));
    const seen = tf.reshape(tf.logicalOr(near, tf.equal(columns, tf.scalar(slots, 'int32'))), [batch, 1, 1, slots + 1]);
    const p = tf.softmax(tf.where(tf.broadcastTo(seen, scores.shape), scores, tf.fill(scores.shape, HIDDEN)));
    return tf.reshape(tf.matMul(p, grown(pastV, v)), [batch, 1, heads * size]);
  },
};

/** Turns the first axes of x [B, heads, D] by tables [B, 1, half]. */
function turned(tf: Tf, x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const half = cos.shape.at(-1)!;
  const [a, b, rest] = tf.split(x, [half, half, x.shape.at(-1)! - 2 * half], 2) as [Tensor, Tensor, Tensor];
  const parts = [tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))];
  return tf.concat(rest.size > 0 ? [...parts, rest] : parts, 2);
}
