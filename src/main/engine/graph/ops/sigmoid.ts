/** 1 / (1 + exp(-x)). */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const sigmoid = unaryOp({
  name: 'sigmoid', onnx: 'Sigmoid', saves: ['out0'], f: x => 1 / (1 + Math.exp(-x)), flops: 6,
  grad: ({ outputs }, dy) => e.mul(dy, e.mul(outputs[0]!, e.sub(1, outputs[0]!))), sample: (random, shape) => random.real(shape, -4, 4),
});
