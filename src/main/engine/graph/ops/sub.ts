/** a - b. */
import { neg, unbroadcast } from '../emit.ts';
import { binaryOp, twoReals } from './elementwise.ts';

export const sub = binaryOp({
  name: 'sub', onnx: 'Sub', saves: [], result: 'same', f: (a, b) => a - b, sample: twoReals,
  grad: ({ inputs, needs }, dy) => [needs[0] ? unbroadcast(dy, inputs[0]!.shape) : null, needs[1] ? neg(unbroadcast(dy, inputs[1]!.shape)) : null],
});
