/** Sine and cosine. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const sin = unaryOp({ name: 'sin', onnx: 'Sin', saves: ['in0'], f: Math.sin, flops: 6, grad: ({ inputs }, dy) => e.mul(dy, e.cos(inputs[0]!)), sample: (random, shape) => random.real(shape) });
export const cos = unaryOp({ name: 'cos', onnx: 'Cos', saves: ['in0'], f: Math.cos, flops: 6, grad: ({ inputs }, dy) => e.neg(e.mul(dy, e.sin(inputs[0]!))), sample: (random, shape) => random.real(shape) });
