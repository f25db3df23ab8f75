/** Natural logarithm. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const log = unaryOp({ name: 'log', onnx: 'Log', saves: ['in0'], f: Math.log, grad: ({ inputs }, dy) => e.div(dy, inputs[0]!), sample: (random, shape) => random.real(shape, 0.3, 3), tolerance: 1e-4, flops: 4 });
