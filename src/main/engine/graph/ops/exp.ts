/** e to the x. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const exp = unaryOp({ name: 'exp', onnx: 'Exp', saves: ['out0'], f: Math.exp, grad: ({ outputs }, dy) => e.mul(dy, outputs[0]!), sample: (random, shape) => random.real(shape), flops: 4 });
