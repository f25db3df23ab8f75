/** a / b. Integers truncate in ONNX; use it on floats. */
import * as e from '../emit.ts';
import { binaryOp } from './elementwise.ts';

export const div = binaryOp({
  name: 'div', onnx: 'Div', saves: ['in1', 'out0'], result: 'same', f: (a, b) => a / b,
  sample: (random, [a, b]) => [random.real(a!), random.nonzero(b!, 0.4, 2)],
  grad({ inputs, outputs, needs }, dy) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const scaled = e.div(dy, b);
    return [needs[0] ? e.unbroadcast(scaled, a.shape) : null, needs[1] ? e.neg(e.unbroadcast(e.mul(scaled, outputs[0]!), b.shape)) : null];
  },
});
