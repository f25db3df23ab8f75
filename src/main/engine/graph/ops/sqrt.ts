/** Square root. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const sqrt = unaryOp({ name: 'sqrt', onnx: 'Sqrt', saves: ['out0'], f: Math.sqrt, grad: ({ outputs }, dy) => e.div(e.mul(dy, 0.5), outputs[0]!), sample: (random, shape) => random.real(shape, 0.2, 4) });
