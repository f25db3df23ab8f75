/** Element-wise maximum and minimum; at a tie the gradient goes to the first operand. */
import * as e from '../emit.ts';
import type { GradContext } from '../op.ts';
import type { Value } from '../node.ts';
import type { Sampler } from '../sample.ts';
import { binaryOp } from './elementwise.ts';

const apart = (random: Sampler, shapes: number[][]) => {
  const all = random.distinct([shapes.reduce((n, s) => n + s.reduce((x, y) => x * y, 1), 0)]).data;
  let start = 0;
  return shapes.map(shape => { const n = shape.reduce((x, y) => x * y, 1); start += n; return { dtype: 'real' as const, shape, data: all.slice(start - n, start) }; });
};
const grad = (first: (a: Value, b: Value) => Value) => ({ inputs, needs }: GradContext<Record<string, never>>, dy: Value) => {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const mask = first(a, b);
  return [needs[0] ? e.unbroadcast(e.where(mask, dy, 0), a.shape) : null, needs[1] ? e.unbroadcast(e.where(mask, 0, dy), b.shape) : null];
};

export const maximum = binaryOp({ name: 'maximum', onnx: 'Max', saves: ['in0', 'in1'], result: 'same', f: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b)), sample: apart, grad: grad(e.greaterEqual) });
export const minimum = binaryOp({ name: 'minimum', onnx: 'Min', saves: ['in0', 'in1'], result: 'same', f: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.min(a, b)), sample: apart, grad: grad(e.lessEqual) });
