/** -x. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export const neg = unaryOp({ name: 'neg', onnx: 'Neg', saves: [], f: x => -x, grad: (_, dy) => e.neg(dy), sample: (random, shape) => random.real(shape) });
