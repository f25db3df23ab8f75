/** Hyperbolic tangent. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const tanh = unaryOp({
  name: 'tanh', onnx: 'Tanh', saves: ['out0'], f: Math.tanh, flops: 6,
  grad: ({ outputs }, dy) => e.mul(dy, e.sub(1, e.mul(outputs[0]!, outputs[0]!))), sample: (random, shape) => random.real(shape),
});
