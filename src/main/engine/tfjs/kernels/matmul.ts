/** Matrix products. tfjs multiplies batches of equal shape; others are spread first. */

import { matmulDims } from '../../graph/ops/matmul.ts';
import type { MatmulParams } from '../../graph/ops/matmul.ts';
import type { Tensor, Tf } from '../tf.ts';
import { spread } from './elementwise.ts';
import { paramsOf, type Kernel, type KernelContext } from './kernel.ts';

function product([a, b]: readonly Tensor[], ctx: KernelContext): Tensor {
  const { tf } = ctx;
  const params = paramsOf<MatmulParams>(ctx);
  const { batch, m, n } = matmulDims(ctx.node.inputs, params);
  const flat = (x: Tensor): Tensor => (batch.length === 0 ? x : tf.reshape(spread(tf, x, [...batch, ...x.shape.slice(-2)]), [-1, ...x.shape.slice(-2)]));
  const y = tf.reshape(tf.matMul(flat(a!), flat(b!), params.transA, params.transB), [...batch, m, n]);
  return params.alpha === 1 ? y : tf.mul(y, params.alpha);
}

export const products: Readonly<Record<string, Kernel>> = {
  matmul: product,
  gemm: (inputs, ctx) => ctx.tf.add(product(inputs, ctx), inputs[2]!),
  rmsNormFused: ([x, weight], ctx) => rmsNorm(ctx.tf, x!, weight!, paramsOf<{ eps: number }>(ctx).eps),
  rope: ([x, cosTable, sinTable], { tf }) => {
    const half = x!.shape.at(-1)! / 2;
    const [a, b] = halves(tf, x!, half);
    return tf.concat([tf.sub(tf.mul(a, cosTable!), tf.mul(b, sinTable!)), tf.add(tf.mul(b, cosTable!), tf.mul(a, sinTable!))], -1);
  },
};

function halves(tf: Tf, x: Tensor, half: number): [Tensor, Tensor] {
  const front = x.shape.slice(0, -1);
  const part = (start: number): Tensor => tf.slice(x, [...front.map(() => 0), start], [...front, half]);
  return [part(0), part(half)];
}

export function rmsNorm(tf: Tf, x: Tensor, weight: Tensor, eps: number): Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps))), weight);
}
