/** log(1 + exp(x)), stable for large |x|; -softplus(-x) is the log-sigmoid of preference losses. Lowered by hand because ORT's own kernel exists in float32 only. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

const base = unaryOp({
  name: 'softplus', onnx: 'Softplus', saves: ['in0'], f: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), flops: 8,
  grad: ({ inputs }, dy) => e.mul(dy, e.sigmoid(inputs[0]!)), sample: (random, shape) => random.real(shape, -4, 4),
});
export const softplus: typeof base = {
  ...base,
  lower(ctx) {
    const dtype = ctx.inputTypes[0]!.dtype;
    const [x] = ctx.inputs as [string];
    const zero = ctx.constant(dtype, [], [0]);
    const tail = ctx.node('Log', ctx.node('Add', [ctx.constant(dtype, [], [1]), ...ctx.node('Exp', ctx.node('Neg', ctx.node('Abs', [x])))]));
    ctx.node('Add', [...ctx.node('Max', [x, zero]), ...tail], {}, ctx.outputs);
  },
};
