/** What a tensor's values and shape undergo between Hugging Face and GGUF (see `TensorChange`). Shapes are outermost first on both sides. */

import { AnnealError } from '../../../../shared/errors.ts';
import type { TensorChange } from './architectures/architecture.ts';

/** Heads that the rows of a permuted matrix belong to. */
export interface HeadCounts { heads: number; kvHeads: number }

export const hfShape = (change: TensorChange | undefined, shape: readonly number[]): number[] =>
  change === 'transpose' ? [...shape].toReversed() : change === 'squeeze' && shape.length === 2 ? [shape[0]!, 1, shape[1]!] : [...shape];
export const ggufShape = (change: TensorChange | undefined, shape: readonly number[]): number[] =>
  change === 'transpose' ? [...shape].toReversed() : change === 'squeeze' && shape.length === 3 ? [shape[0]!, shape[2]!] : [...shape];

/** Values of a GGUF tensor of this (GGUF) shape as Hugging Face has them. */
export function toHf(change: TensorChange | undefined, data: Float32Array, shape: readonly number[], counts: HeadCounts): Float32Array {
  switch (change) {
    case undefined: case 'squeeze': return data;
    case 'plus-one': return data.map((x) => x - 1);
    case 'transpose': return transposed(data, shape);
    case 'permute-q': return movedRows(data, shape, counts.heads, false);
    case 'permute-k': return movedRows(data, shape, counts.kvHeads, false);
  }
}

/** Values of a Hugging Face tensor of this (Hugging Face) shape as GGUF has them. */
export function toGguf(change: TensorChange | undefined, data: Float32Array, shape: readonly number[], counts: HeadCounts): Float32Array {
  switch (change) {
    case undefined: case 'squeeze': return data;
    case 'plus-one': return data.map((x) => x + 1);
    case 'transpose': return transposed(data, shape);
    case 'permute-q': return movedRows(data, shape, counts.heads, true);
    case 'permute-k': return movedRows(data, shape, counts.kvHeads, true);
  }
}

/** Row i of a head's first half and row i of its second are rows 2i and 2i + 1 in GGUF. */
function movedRows(data: Float32Array, shape: readonly number[], heads: number, interleave: boolean): Float32Array {
  const rows = shape[0]!, width = data.length / rows, dim = rows / heads, half = dim / 2;
  if (!Number.isInteger(half)) throw new AnnealError('tensor-shape', `A matrix of ${rows} rows cannot be divided among ${heads} heads; metadata and tensors do not belong together.`);
  const out = new Float32Array(data.length);
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < dim; i++) {
      const halves = head * dim + i;
      const pairs = head * dim + (i < half ? 2 * i : 2 * (i - half) + 1);
      const from = interleave ? halves : pairs, to = interleave ? pairs : halves;
      out.set(data.subarray(from * width, (from + 1) * width), to * width);
    }
  }
  return out;
}

function transposed(data: Float32Array, shape: readonly number[]): Float32Array {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return out;
}
