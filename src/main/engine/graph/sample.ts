/** Random inputs for the op harness, from a small seeded generator. Shapes have rank 0 to 4 and sizes 0 to 5; domains keep away from kinks and poles. */

import { elementCount } from './dtype.ts';
import type { DType } from './dtype.ts';
import type { SampleInput } from './op.ts';

export class Sampler {
  #state: number;
  constructor(seed: number) { this.#state = (seed ^ 0x9e3779b9) >>> 0; }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  int(from: number, below: number): number { return from + Math.floor(this.next() * (below - from)); }
  uniform(from: number, to: number): number { return from + (to - from) * this.next(); }
  pick<T>(items: readonly T[]): T { return items[this.int(0, items.length)] as T; }

  shape(rank = this.int(0, 5), from = 1, below = 6): number[] { return Array.from({ length: rank }, () => this.int(from, below)); }

  /** Two to three shapes that broadcast together. */
  broadcastable(count = 2): number[][] {
    const full = this.shape();
    return Array.from({ length: count }, () => full.slice(this.int(0, full.length + 1)).map(d => (this.next() < 0.25 ? 1 : d)));
  }

  permutation(n: number): number[] {
    const p = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) { const j = this.int(0, i + 1); [p[i], p[j]] = [p[j] as number, p[i] as number]; }
    return p;
  }

  real(shape: readonly number[], from = -2, to = 2): SampleInput {
    return { dtype: 'real', shape, data: Float64Array.from({ length: elementCount(shape) }, () => Math.fround(this.uniform(from, to))) };
  }
  /** Real values at least 0.05 away from zero. */
  nonzero(shape: readonly number[], from = 0.05, to = 2): SampleInput {
    return { dtype: 'real', shape, data: Float64Array.from({ length: elementCount(shape) }, () => Math.fround(this.uniform(from, to) * (this.next() < 0.5 ? -1 : 1))) };
  }
  /** Distinct reals at least 0.02 apart, in random order: no ties for maxima. */
  distinct(shape: readonly number[]): SampleInput {
    const n = elementCount(shape);
    return { dtype: 'real', shape, data: Float64Array.from(this.permutation(n), i => Math.fround((i - n / 2) * 0.05 + this.uniform(0, 0.02))) };
  }
  ints(shape: readonly number[], below: number, dtype: DType = 'int64'): SampleInput {
    return { dtype, shape, data: Float64Array.from({ length: elementCount(shape) }, () => this.int(0, below)) };
  }
  bools(shape: readonly number[]): SampleInput { return this.ints(shape, 2, 'bool'); }
}
