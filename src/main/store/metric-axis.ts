/** Position of a step on another axis (tokens, epoch, seconds), read from that axis' own buckets: exact at a stored step, linear in between. */
import type { Bucket } from './pyramid.ts';

export function interpolate(axis: readonly Bucket[], step: number): number {
  let low = 0, high = axis.length;
  while (low < high) { // first bucket that ends at or after the step
    const mid = (low + high) >> 1;
    if ((axis[mid]?.last ?? NaN) >= step) high = mid; else low = mid + 1;
  }
  const bucket = axis[low], before = axis[low - 1];
  if (!bucket) return before?.max ?? 0;
  // Axes only grow, so a bucket's least value stands at its first step and its greatest at its last.
  if (step >= bucket.first) return line(bucket.first, bucket.min, bucket.last, bucket.max, step);
  return before ? line(before.last, before.max, bucket.first, bucket.min, step) : bucket.min;
}

const line = (x0: number, y0: number, x1: number, y1: number, x: number): number => (x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0));
