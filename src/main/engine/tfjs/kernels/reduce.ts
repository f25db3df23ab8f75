/** Reductions over axes, and softmax over the last. */

import type { ReduceParams } from '../../graph/ops/reduce.ts';
import type { Tensor, Tf } from '../tf.ts';
import { paramsOf, type Kernel } from './kernel.ts';

const over = (f: (tf: Tf, x: Tensor, axes: number[], keepDims: boolean) => Tensor): Kernel => ([x], ctx) => {
  const { axes, keepDims } = paramsOf<ReduceParams>(ctx);
  return f(ctx.tf, x!, axes, keepDims);
};

export const reductions: Readonly<Record<string, Kernel>> = {
  reduceSum: over((tf, x, axes, keep) => tf.sum(x, axes, keep)),
  reduceMean: over((tf, x, axes, keep) => tf.mean(x, axes, keep)),
  reduceMax: over((tf, x, axes, keep) => tf.max(x, axes, keep)),
  argmax: ([x], ctx) => ctx.tf.argMax(x!, paramsOf<{ axis: number }>(ctx).axis),
  softmax: ([x], { tf }) => tf.softmax(x!),
};
