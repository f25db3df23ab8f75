/**
 * x * sigmoid(x) (Elfwing et al., 2017). A primitive because contrib QuickGelu with alpha 1 is one kernel for it (float32), and because a forward without a
 * sigmoid tensor leaves the backward free to make its own, so only x is kept in between.
 */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

const base = unaryOp({
  name: 'silu', onnx: '', saves: ['in0'], f: x => x / (1 + Math.exp(-x)), flops: 7, sample: (random, shape) => random.real(shape, -4, 4),
  grad({ inputs }, dy) {
    const x = inputs[0]!;
    const s = e.sigmoid(x);
    return e.mul(dy, e.add(s, e.mul(e.mul(x, s), e.sub(1, s))));
  },
});

export const silu: typeof base = {
  ...base,
  lower(ctx) {
    // 'portable': a file for other programs, which may know the standard ops only.
    if (ctx.inputTypes[0]!.dtype === 'float32' && ctx.provider !== 'portable') ctx.node('QuickGelu', ctx.inputs, { alpha: { float: 1 } }, ctx.outputs, 'ms');
    else ctx.node('Mul', [ctx.inputs[0]!, ...ctx.node('Sigmoid', ctx.inputs)], {}, ctx.outputs);
  },
};
