/** a + b. */
import { unbroadcast } from '../emit.ts';
import { binaryOp, twoReals } from './elementwise.ts';

export const add = binaryOp({
  name: 'add', onnx: 'Add', saves: [], result: 'same', f: (a, b) => a + b, sample: twoReals,
  grad: ({ inputs, needs }, dy) => inputs.map((x, i) => (needs[i] ? unbroadcast(dy, x.shape) : null)),
});
