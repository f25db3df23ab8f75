/** Dense float64 arrays of the interpreter: element-wise maps with broadcasting, and index walks. Slow and simple on purpose. */

import { broadcastShapes, stridesOf } from './shape.ts';
import { elementCount } from './dtype.ts';

export interface Nd { readonly shape: readonly number[]; readonly data: Float64Array }

export const nd = (shape: readonly number[], data?: Float64Array): Nd => ({ shape: [...shape], data: data ?? new Float64Array(elementCount(shape)) });
export const mapNd = (a: Nd, f: (x: number) => number): Nd => nd(a.shape, a.data.map(f));

/** Strides of `shape` seen through the broadcast shape `full` (0 where repeated). */
export function broadcastStrides(shape: readonly number[], full: readonly number[]): number[] {
  const own = stridesOf(shape);
  const lead = full.length - shape.length;
  return full.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : (own[i - lead] as number)));
}

/** Calls `visit(flat, offsets)` for each index of `shape`; offsets[k] walks with strides[k]. */
export function walk(shape: readonly number[], strides: readonly (readonly number[])[], visit: (flat: number, offsets: readonly number[]) => void): void {
  const total = elementCount(shape);
  const index = shape.map(() => 0);
  const offsets = strides.map(() => 0);
  for (let flat = 0; flat < total; flat++) {
    visit(flat, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      for (let k = 0; k < strides.length; k++) offsets[k] = (offsets[k] as number) + (strides[k]?.[axis] as number);
      if ((index[axis] as number) < (shape[axis] as number)) break;
      for (let k = 0; k < strides.length; k++) offsets[k] = (offsets[k] as number) - (strides[k]?.[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
}

export function zipNd(inputs: readonly Nd[], f: (...xs: number[]) => number): Nd {
  const shape = inputs.reduce<readonly number[]>((s, a) => broadcastShapes(s, a.shape, 'interpreter'), []);
  const out = nd(shape);
  const xs = inputs.map(() => 0);
  walk(shape, inputs.map(a => broadcastStrides(a.shape, shape)), (flat, offsets) => {
    for (let k = 0; k < inputs.length; k++) xs[k] = inputs[k]?.data[offsets[k] as number] as number;
    out.data[flat] = f(...xs);
  });
  return out;
}

/** Reads `a` with the given strides into a new array of `shape` (transpose, expand, slice). */
export function gatherStrided(a: Nd, shape: readonly number[], strides: readonly number[], start = 0): Nd {
  const out = nd(shape);
  walk(shape, [strides], (flat, o) => { out.data[flat] = a.data[start + (o[0] as number)] as number; });
  return out;
}

/** Folds over `axes` (kept as size 1). */
export function reduceNd(a: Nd, axes: readonly number[], initial: number, f: (acc: number, x: number) => number): Nd {
  const kept = a.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const out = nd(kept);
  out.data.fill(initial);
  walk(a.shape, [broadcastStrides(kept, a.shape)], (flat, o) => { out.data[o[0] as number] = f(out.data[o[0] as number] as number, a.data[flat] as number); });
  return out;
}
