/** Comparisons; the result is bool and has no gradient. */
import type { Sampler } from '../sample.ts';
import { binaryOp } from './elementwise.ts';

const someTies = (random: Sampler, shapes: number[][]) => shapes.map(s => ({ ...random.ints(s, 3), dtype: 'real' as const }));
const compare = (name: string, onnx: string, f: (a: number, b: number) => boolean) =>
  binaryOp({ name, onnx, saves: [], result: 'bool', f: (a, b) => (f(a, b) ? 1 : 0), sample: someTies });

export const greater = compare('greater', 'Greater', (a, b) => a > b);
export const greaterEqual = compare('greaterEqual', 'GreaterOrEqual', (a, b) => a >= b);
export const less = compare('less', 'Less', (a, b) => a < b);
export const lessEqual = compare('lessEqual', 'LessOrEqual', (a, b) => a <= b);
export const equal = compare('equal', 'Equal', (a, b) => a === b);
