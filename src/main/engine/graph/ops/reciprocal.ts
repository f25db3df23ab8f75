/** 1 / x. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const reciprocal = unaryOp({
  name: 'reciprocal', onnx: 'Reciprocal', saves: ['out0'], f: x => 1 / x,
  grad: ({ outputs }, dy) => e.neg(e.mul(dy, e.mul(outputs[0]!, outputs[0]!))), sample: (random, shape) => random.nonzero(shape, 0.4, 2),
});
