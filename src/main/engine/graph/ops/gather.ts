/** Picks slices of a table by integer ids along one axis (embedding lookup); the gradient scatters back. */
import { shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

const isIndex = (dtype: string): boolean => dtype === 'int64' || dtype === 'int32';

export const gather: Op<{ axis: number }> = {
  name: 'gather', saves: ['in1'],
  infer(inputs, { axis }) {
    expectInputs(inputs, 2, 'gather');
    const [t, ids] = [inputs[0]!, inputs[1]!];
    if (!isIndex(ids.dtype)) throw shapeError(`gather needs int32 or int64 ids, got ${ids.dtype}.`);
    return [{ dtype: t.dtype, shape: [...t.shape.slice(0, axis), ...ids.shape, ...t.shape.slice(axis + 1)] }];
  },
  grad({ inputs, params: { axis } }, dy) {
    const [t, ids] = [inputs[0]!, inputs[1]!];
    const n = ids.shape.reduce((a, b) => a * b, 1);
    const front = [n, ...t.shape.slice(0, axis), ...t.shape.slice(axis + 1)];
    const flatIds = e.reshape(ids, [n]);
    if (axis === 0) return [e.scatterAdd(t.shape[0]!, flatIds, e.reshape(dy, front)), null];
    // The gathered axis is brought to the front, scattered, and brought back.
    const rows = e.reshape(dy, [...t.shape.slice(0, axis), n, ...t.shape.slice(axis + 1)]);
    const toFront = [axis, ...t.shape.map((_, i) => i).filter(i => i !== axis)];
    const summed = e.scatterAdd(t.shape[axis]!, flatIds, e.transpose(rows, toFront));
    return [e.transpose(summed, toFront.map((_, i) => toFront.indexOf(i))), null];
  },
  eval(inputs, { axis }) {
    const [t, ids] = [inputs[0]!, inputs[1]!];
    const outer = t.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const inner = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const size = t.shape[axis]!;
    const out = nd([...t.shape.slice(0, axis), ...ids.shape, ...t.shape.slice(axis + 1)]);
    for (let o = 0; o < outer; o++) ids.data.forEach((id, j) => {
      const at = id < 0 ? id + size : id;
      if (!(at >= 0 && at < size)) throw shapeError(`gather: id ${id} is outside a table of ${size} rows.`);
      for (let i = 0; i < inner; i++) out.data[(o * ids.data.length + j) * inner + i] = t.data[(o * size + at) * inner + i]!;
    });
    return [out];
  },
  lower(ctx) { ctx.node('Gather', ctx.inputs, { axis: { int: ctx.params.axis } }, ctx.outputs); },
  samples: random => [
    { inputs: [random.real([5, 3]), random.ints([4], 5)], params: { axis: 0 } }, { inputs: [random.real([5, 2]), random.ints([2, 3], 5, 'int32')], params: { axis: 0 } },
    { inputs: [random.real([2, 4, 3]), random.ints([5], 4)], params: { axis: 1 } }, { inputs: [random.real([3]), random.ints([], 3)], params: { axis: 0 } },
  ],
};
