/** x / sqrt(mean(x^2) + eps) * weight over the last axis in one kernel (SimplifiedLayerNormalization). Made by passes/inference: its second output, which a gradient would read, is wrong on some providers. */

import { dims, shapeError } from '../../dtype.ts';
import { nd } from '../../nd.ts';
import type { Op } from '../../op.ts';
import { expectInputs, expectSameDtype } from '../../shape.ts';

export const rmsNormFused: Op<{ eps: number }> = {
  name: 'rmsNormFused', saves: [], fused: true,
  infer(inputs) {
    expectInputs(inputs, 2, 'rmsNormFused');
    expectSameDtype(inputs, 'rmsNormFused');
    const [x, w] = [inputs[0]!, inputs[1]!];
    if (x.shape.length < 1 || w.shape.length !== 1 || w.shape[0] !== x.shape.at(-1)) throw shapeError(`rmsNormFused: the weight ${dims(w.shape)} must have the size of the last axis of ${dims(x.shape)}.`);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  eval([x, w], { eps }) {
    const out = nd(x!.shape);
    const size = w!.data.length;
    for (let at = 0; at < x!.data.length; at += size) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += x!.data[at + i]! ** 2;
      const inverse = 1 / Math.sqrt(sum / size + eps);
      for (let i = 0; i < size; i++) out.data[at + i] = x!.data[at + i]! * inverse * w!.data[i]!;
    }
    return [out];
  },
  lower(ctx) { ctx.node('SimplifiedLayerNormalization', ctx.inputs, { axis: { int: -1 }, epsilon: { float: ctx.params.eps }, stash_type: { int: 1 } }, ctx.outputs); },
  samples: random => [[3, 8], [2, 3, 5], [1, 1, 1]].map(shape => ({ inputs: [random.real(shape), random.real([shape.at(-1)!])], params: { eps: 2 ** -20 } })),
};
