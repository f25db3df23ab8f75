/** Elements start to end (exclusive) along one axis, and its transpose: zeros around along one axis. */
import { dims, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { gatherStrided, nd, walk } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs, stridesOf } from '../shape.ts';

export const slice: Op<{ axis: number; start: number; end: number }> = {
  name: 'slice', saves: [],
  infer(inputs, { axis, start, end }) {
    expectInputs(inputs, 1, 'slice');
    const { shape, dtype } = inputs[0]!;
    if (!(start >= 0 && start <= end && end <= (shape[axis] ?? -1))) throw shapeError(`slice: ${start} to ${end} is outside axis ${axis} of ${dims(shape)}.`);
    return [{ dtype, shape: shape.map((d, i) => (i === axis ? end - start : d)) }];
  },
  grad: ({ inputs, params: { axis, start, end } }, dy) => [e.pad(dy, axis, start, inputs[0]!.shape[axis]! - end)],
  eval(inputs, { axis, start, end }) {
    const x = inputs[0]!;
    const strides = stridesOf(x.shape);
    return [gatherStrided(x, x.shape.map((d, i) => (i === axis ? end - start : d)), strides, start * strides[axis]!)];
  },
  lower(ctx) {
    const { axis, start, end } = ctx.params;
    const i = (n: number) => ctx.constant('int64', [1], [n]);
    ctx.node('Slice', [ctx.inputs[0]!, i(start), i(end), i(axis)], {}, ctx.outputs);
  },
  samples: random => [
    { inputs: [random.real([5])], params: { axis: 0, start: 1, end: 4 } }, { inputs: [random.real([2, 5, 3])], params: { axis: 1, start: 0, end: 2 } },
    { inputs: [random.real([3, 4])], params: { axis: 1, start: 2, end: 2 } },
  ],
};

export const pad: Op<{ axis: number; before: number; after: number }> = {
  name: 'pad', saves: [],
  infer(inputs, { axis, before, after }) {
    expectInputs(inputs, 1, 'pad');
    if (before < 0 || after < 0 || axis >= inputs[0]!.shape.length) throw shapeError(`pad: invalid sizes ${before}, ${after} on axis ${axis} of ${dims(inputs[0]!.shape)}.`);
    return [{ dtype: inputs[0]!.dtype, shape: inputs[0]!.shape.map((d, i) => (i === axis ? before + d + after : d)) }];
  },
  grad: ({ inputs, params: { axis, before } }, dy) => [e.slice(dy, axis, before, before + inputs[0]!.shape[axis]!)],
  eval(inputs, { axis, before, after }) {
    const x = inputs[0]!;
    const out = nd(x.shape.map((d, i) => (i === axis ? before + d + after : d)));
    const strides = stridesOf(out.shape);
    walk(x.shape, [strides], (flat, o) => { out.data[before * strides[axis]! + o[0]!] = x.data[flat]!; });
    return [out];
  },
  lower(ctx) {
    const { axis, before, after } = ctx.params;
    const rank = ctx.inputTypes[0]!.shape.length;
    const pads = Array.from({ length: 2 * rank }, (_, i) => (i === axis ? before : i === rank + axis ? after : 0));
    ctx.node('Pad', [ctx.inputs[0]!, ctx.constant('int64', [2 * rank], pads), ctx.constant(ctx.inputTypes[0]!.dtype, [], [0])], {}, ctx.outputs);
  },
  samples: random => [{ inputs: [random.real([3])], params: { axis: 0, before: 1, after: 2 } }, { inputs: [random.real([2, 3, 2])], params: { axis: 1, before: 0, after: 2 } }],
};
