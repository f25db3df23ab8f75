/** Softmax over the last axis. A primitive rather than a composite: ORT has one kernel for it and its gradient P * (dP - rowsum(dP * P)) needs only the result. */
import { shapeError } from '../dtype.ts';
import * as e from '../emit.ts';
import { nd } from '../nd.ts';
import type { Op } from '../op.ts';
import { expectInputs } from '../shape.ts';

export const softmax: Op<Record<string, never>> = {
  name: 'softmax', saves: ['out0'],
  infer(inputs) {
    expectInputs(inputs, 1, 'softmax');
    if (inputs[0]!.shape.length === 0) throw shapeError('softmax needs a tensor with at least one axis.');
    return [{ dtype: inputs[0]!.dtype, shape: inputs[0]!.shape }];
  },
  grad({ outputs }, dy) {
    const p = outputs[0]!;
    return [e.mul(p, e.sub(dy, e.reduceSum(e.mul(dy, p), [-1], true)))];
  },
  eval(inputs) {
    const x = inputs[0]!;
    const n = x.shape.at(-1)!;
    const out = nd(x.shape);
    for (let row = 0; row < x.data.length; row += n) {
      let max = -Infinity;
      for (let i = 0; i < n; i++) max = Math.max(max, x.data[row + i]!);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += out.data[row + i] = Math.exp(x.data[row + i]! - max);
      for (let i = 0; i < n; i++) out.data[row + i]! /= sum;
    }
    return [out];
  },
  lower(ctx) { ctx.node('Softmax', ctx.inputs, { axis: { int: -1 } }, ctx.outputs); },
  flops: inputs => inputs[0]!.shape.reduce((a, b) => a * b, 8),
  samples: random => [[4], [2, 5], [2, 3, 1], random.shape(3)].map(s => ({ inputs: [random.real(s, -4, 4)], params: {} })),
};
