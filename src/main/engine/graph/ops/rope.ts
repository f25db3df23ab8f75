/**
 * Rotary position embedding, rotate-half form (Su et al., 2021, as in Llama checkpoints). A primitive because the gradient is the same rotation backwards
 * and because providers have one kernel for it (contrib RotaryEmbedding, float32 with tables of rank 2); elsewhere it lowers to slices and products.
 */
import { dims, sameShape, shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { broadcastStrides, nd, walk } from '../nd.ts';
import type { Op } from '../op.ts';
import { broadcastShapes, expectInputs, expectSameDtype } from '../shape.ts';

export const rope: Op<Record<string, never>> = {
  name: 'rope', saves: ['in1', 'in2'],
  infer(inputs) {
    expectInputs(inputs, 3, 'rope');
    expectSameDtype(inputs, 'rope');
    const [x, c, s] = [inputs[0]!.shape, inputs[1]!.shape, inputs[2]!.shape];
    const half = x.at(-1)! / 2;
    if (x.length < 2 || !Number.isInteger(half)) throw shapeError(`rope needs x [..., T, D] with even D, got ${dims(x)}.`);
    if (!sameShape(c, s) || c.at(-1) !== half || !sameShape(broadcastShapes(c, [...x.slice(0, -1), half], 'rope'), [...x.slice(0, -1), half])) {
      throw shapeError(`rope: tables ${dims(c)} and ${dims(s)} must both broadcast to ${dims([...x.slice(0, -1), half])} (half the last axis of x).`);
    }
    return [{ dtype: inputs[0]!.dtype, shape: x }];
  },
  grad: ({ inputs }, dy) => [e.rope(dy, inputs[1]!, e.neg(inputs[2]!)), null, null],
  eval(inputs) {
    const [x, c, s] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const half = x.shape.at(-1)! / 2;
    const out = nd(x.shape);
    const halves = [...x.shape.slice(0, -1), half];
    const table = broadcastStrides(c.shape, halves);
    walk(halves, [table], (flat, o) => {
      const at = Math.floor(flat / half) * 2 * half + (flat % half);
      const [a, b, co, si] = [x.data[at]!, x.data[at + half]!, c.data[o[0]!]!, s.data[o[0]!]!];
      out.data[at] = a * co - b * si;
      out.data[at + half] = b * co + a * si;
    });
    return [out];
  },
  lower(ctx) {
    const [x, cosTable, sinTable] = ctx.inputs as [string, string, string];
    const { shape, dtype } = ctx.inputTypes[0]!;
    const half = shape.at(-1)! / 2;
    const t = shape.at(-2)!;
    const table = ctx.inputTypes[1]!.shape;
    const kernel = dtype === 'float32' && ctx.provider !== 'portable';
    if (kernel && table.length === 2 && table[0] === t && t > 0) {
      const heads = shape.slice(0, -2).reduce((a, b) => a * b, 1);
      const shaped = shape.length === 4 && shape[0] === 1 ? [x] : ctx.node('Reshape', [x, ctx.constant('int64', [4], [1, heads, t, 2 * half])]);
      const positions = ctx.constant('int64', [1, t], Array.from({ length: t }, (_, i) => i));
      const direct = shape.length === 4 && shape[0] === 1;
      const rotated = ctx.node('RotaryEmbedding', [shaped[0]!, positions, cosTable, sinTable], {}, direct ? ctx.outputs : undefined, 'ms');
      if (!direct) ctx.node('Reshape', [rotated[0]!, ctx.constant('int64', [shape.length], shape)], {}, ctx.outputs);
      return;
    }
    // A table for each row of the batch: its rows one after the other, found by number.
    if (kernel && shape.length === 4 && table.length === 4 && table[0] === shape[0] && table[1] === 1 && table[2] === t && t > 0) {
      const rows = shape[0]! * t;
      const [flatCos, flatSin] = [cosTable, sinTable].map(name => ctx.node('Reshape', [name, ctx.constant('int64', [2], [rows, half])])[0]!) as [string, string];
      const positions = ctx.constant('int64', [shape[0]!, t], Array.from({ length: rows }, (_, i) => i));
      ctx.node('RotaryEmbedding', [x, positions, flatCos, flatSin], {}, ctx.outputs, 'ms');
      return;
    }
    const last = shape.length - 1;
    const i = (n: number) => ctx.constant('int64', [1], [n]);
    const a = ctx.node('Slice', [x, i(0), i(half), i(last)])[0]!;
    const b = ctx.node('Slice', [x, i(half), i(2 * half), i(last)])[0]!;
    const times = (p: string, q: string) => ctx.node('Mul', [p, q])[0]!;
    const first = ctx.node('Sub', [times(a, cosTable), times(b, sinTable)])[0]!;
    const second = ctx.node('Add', [times(b, cosTable), times(a, sinTable)])[0]!;
    ctx.node('Concat', [first, second], { axis: { int: last } }, ctx.outputs);
  },
  flops: inputs => inputs[0]!.shape.reduce((a, b) => a * b, 3),
  samples: random => [[1, 2, 3, 4], [2, 2, 3, 8], [3, 4]].map(shape => ({ inputs: [random.real(shape), random.real([3, shape.at(-1)! / 2]), random.real([3, shape.at(-1)! / 2])], params: {} }))
    .concat([{ inputs: [random.real([2, 3, 2, 4]), random.real([2, 1, 2, 2]), random.real([2, 1, 2, 2])], params: {} }]),
};
