/** Joins tensors along one axis. */
import { dims, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd, walk } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectSameDtype, stridesOf } from '../shape.ts';

const joined = (shapes: readonly (readonly number[])[], axis: number): number[] => shapes[0]!.map((d, i) => (i === axis ? shapes.reduce((n, s) => n + s[axis]!, 0) : d));

export const concat: Op<{ axis: number }> = {
  name: 'concat', saves: [],
  infer(inputs, { axis }) {
    expectSameDtype(inputs, 'concat');
    const shapes = inputs.map(t => t.shape);
    if (shapes.some(s => s.length !== shapes[0]!.length || s.some((d, i) => i !== axis && d !== shapes[0]![i]))) throw shapeError(`concat on axis ${axis}: shapes ${shapes.map(s => `${dims(s)}`).join(', ')} do not fit.`);
    return [{ dtype: inputs[0]!.dtype, shape: joined(shapes, axis) }];
  },
  grad({ inputs, params: { axis }, needs }, dy) {
    let start = 0;
    return inputs.map((x, i) => { const end = start + x.shape[axis]!; const part = needs[i] ? e.slice(dy, axis, start, end) : null; start = end; return part; });
  },
  eval(inputs, { axis }) {
    const out = nd(joined(inputs.map(x => x.shape), axis));
    const strides = stridesOf(out.shape);
    let start = 0;
    for (const x of inputs) {
      walk(x.shape, [strides], (flat, o) => { out.data[start * strides[axis]! + o[0]!] = x.data[flat]!; });
      start += x.shape[axis]!;
    }
    return [out];
  },
  lower(ctx) { ctx.node('Concat', ctx.inputs, { axis: { int: ctx.params.axis } }, ctx.outputs); },
  samples: random => [
    { inputs: [random.real([2, 3]), random.real([2, 1]), random.real([2, 2])], params: { axis: 1 } },
    { inputs: [random.real([2, 3, 2]), random.real([0, 3, 2]), random.real([1, 3, 2])], params: { axis: 0 } },
  ],
};
