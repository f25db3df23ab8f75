/** Global gradient norm and the clipping factor of PyTorch's clip_grad_norm_. */

/** Elements whose squares are summed together. The blocks are added in order, so a norm is the same bit for bit however many threads made the blocks. */
export const NORM_BLOCK = 65_536;

/** L2 norm over all gradients, accumulated in float64. Not finite when any entry is not finite. */
export function gradientNorm(grads: Float32Array): number {
  const blocks = Math.ceil(grads.length / NORM_BLOCK);
  const sums = new Float64Array(blocks);
  sumSquares(grads, sums, 0, blocks, NORM_BLOCK);
  return normOf(sums);
}

export function normOf(sums: Float64Array): number {
  return Math.sqrt(sums.reduce((total, sum) => total + sum, 0));
}

/** Squares of the blocks `first` to `last` (exclusive). Reads nothing but its arguments: its source text runs in other threads too (update-threads.ts). */
export function sumSquares(grads: Float32Array, sums: Float64Array, first: number, last: number, size: number): void {
  for (let block = first; block < last; block++) {
    const start = block * size;
    const end = Math.min(grads.length, start + size);
    const even = end - ((end - start) % 4);
    // Four partial sums: the compiler can overlap them.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = start; i < even; i += 4) {
      a += grads[i]! * grads[i]!;
      b += grads[i + 1]! * grads[i + 1]!;
      c += grads[i + 2]! * grads[i + 2]!;
      d += grads[i + 3]! * grads[i + 3]!;
    }
    for (let i = even; i < end; i++) a += grads[i]! * grads[i]!;
    sums[block] = a + b + c + d;
  }
}

/** Factor to multiply gradients by; `maxNorm` of 0 or less disables clipping. */
export function clipFactor(norm: number, maxNorm: number): number {
  return maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
}
