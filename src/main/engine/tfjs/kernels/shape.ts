/** Ops that move elements and compute nothing, and those that pass their input on. An eager executor keeps the order of the graph, so a barrier is its first input. */

import { paramsOf, type Kernel } from './kernel.ts';
import { spread } from './elementwise.ts';

const pass: Kernel = ([x], { tf }) => tf.clone(x!);

export const shape: Readonly<Record<string, Kernel>> = {
  transpose: ([x], ctx) => ctx.tf.transpose(x!, paramsOf<{ perm: number[] }>(ctx).perm),
  reshape: ([x], { tf, shape: to }) => tf.reshape(x!, to),
  expand: ([x], { tf, shape: to }) => tf.clone(spread(tf, x!, to)),
  slice: ([x], ctx) => {
    const { axis, start } = paramsOf<{ axis: number; start: number }>(ctx);
    return ctx.tf.slice(x!, x!.shape.map((_, i) => (i === axis ? start : 0)), ctx.shape);
  },
  pad: ([x], ctx) => {
    const { axis, before, after } = paramsOf<{ axis: number; before: number; after: number }>(ctx);
    return ctx.tf.pad(x!, x!.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0])));
  },
  concat: (inputs, ctx) => ctx.tf.concat(inputs.filter((x) => x.size > 0), paramsOf<{ axis: number }>(ctx).axis),
  stopGradient: pass,
  barrier: pass,
  customGrad: (inputs, ctx) => inputs.slice(0, paramsOf<{ results: number }>(ctx).results).map((x) => ctx.tf.clone(x)),
};
