/** Picking by ids and adding at ids. scatterND adds up where ids repeat. Ids arrive as int32. */

import type { Tensor, Tf } from '../tf.ts';
import { paramsOf, type Kernel } from './kernel.ts';

type Ids = ReturnType<Tf['tensor1d']>;
const line = (tf: Tf, ids: Tensor): Ids => tf.reshape(ids, [-1]) as Ids;

/** Places in a flat [rows * size] tensor of ids along its last axis. */
function flatPlaces(tf: Tf, ids: Tensor, size: number): Ids {
  const per = ids.shape.at(-1)!;
  const rows = ids.size / per;
  const starts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(size, 'int32'));
  return line(tf, tf.add(tf.reshape(ids, [rows, per]), tf.reshape(starts, [rows, 1])));
}

export const indexing: Readonly<Record<string, Kernel>> = {
  gather: ([table, ids], ctx) => {
    const { axis } = paramsOf<{ axis: number }>(ctx);
    const size = ctx.node.inputs[0]!.shape[axis]!;
    const flat = line(ctx.tf, ids!);
    // A negative id counts from the end.
    const places = ctx.tf.where(ctx.tf.less(flat, ctx.tf.scalar(0, 'int32')), ctx.tf.add(flat, ctx.tf.scalar(size, 'int32')), flat);
    return ctx.tf.reshape(ctx.tf.gather(table!, ctx.tf.cast(places, 'int32') as Ids, axis), ctx.shape);
  },
  scatterAdd: ([ids, updates], { tf, shape }) => tf.scatterND(tf.reshape(ids!, [-1, 1]), updates!, shape),
  takeAlong: ([x, ids], { tf, shape }) => tf.reshape(tf.gather(tf.reshape(x!, [-1]), flatPlaces(tf, ids!, x!.shape.at(-1)!)), shape),
  putAlong: ([ids, updates], { tf, shape }) => {
    const places = flatPlaces(tf, ids!, shape.at(-1)!);
    return tf.reshape(tf.scatterND(tf.reshape(places, [-1, 1]), tf.reshape(updates!, [-1]), [shape.reduce((a, b) => a * b, 1)]), shape);
  },
};
