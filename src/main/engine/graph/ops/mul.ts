/** a * b. */
import * as e from '../emit.ts';
import { binaryOp, twoReals } from './elementwise.ts';

export const mul = binaryOp({
  name: 'mul', onnx: 'Mul', saves: ['in0', 'in1'], result: 'same', f: (a, b) => a * b, sample: twoReals,
  grad({ inputs, needs }, dy) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    return [needs[0] ? e.unbroadcast(e.mul(dy, b), a.shape) : null, needs[1] ? e.unbroadcast(e.mul(dy, a), b.shape) : null];
  },
});
