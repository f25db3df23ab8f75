/** Shape rules shared by ops: broadcasting, axes, strides. */

import { dims, shapeError } from './dtype.ts';
import type { TensorType } from './dtype.ts';

/** NumPy broadcasting of two shapes. */
export function broadcastShapes(a: readonly number[], b: readonly number[], where: string): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw shapeError(`${where}: shapes ${dims(a)} and ${dims(b)} do not broadcast.`);
    return x === 1 ? y : x;
  });
}

export function normalAxis(axis: number, rank: number, where: string): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(a) || a < 0 || a >= rank) throw shapeError(`${where}: axis ${axis} is outside a tensor of rank ${rank}.`);
  return a;
}

export function stridesOf(shape: readonly number[]): number[] {
  const s = Array.from({ length: shape.length }, () => 1);
  for (let i = shape.length - 2; i >= 0; i--) s[i] = (s[i + 1] as number) * (shape[i + 1] as number);
  return s;
}

/** Axes that must be summed to go from a broadcast shape back to `shape`, in the broadcast shape's numbering. */
export function broadcastAxes(shape: readonly number[], full: readonly number[]): number[] {
  const lead = full.length - shape.length;
  return full.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
}

export function expectInputs(inputs: readonly TensorType[], count: number, where: string): void {
  if (inputs.length !== count) throw shapeError(`${where} takes ${count} inputs but got ${inputs.length}.`);
}

export function expectSameDtype(inputs: readonly TensorType[], where: string): void {
  const first = inputs[0]?.dtype;
  if (inputs.some(t => t.dtype !== first)) throw shapeError(`${where}: inputs have different types (${inputs.map(t => t.dtype).join(', ')}); cast them first.`);
}
