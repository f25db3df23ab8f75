/** |x|; the gradient at 0 is 0. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const abs = unaryOp({
  name: 'abs', onnx: 'Abs', saves: ['in0'], f: Math.abs, sample: (random, shape) => random.nonzero(shape),
  grad: ({ inputs }, dy) => e.where(e.greater(inputs[0]!, 0), dy, e.where(e.less(inputs[0]!, 0), e.neg(dy), 0)),
});
