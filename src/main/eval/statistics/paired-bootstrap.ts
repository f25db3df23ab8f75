/** Paired bootstrap (Koehn 2004) of the difference of two systems' mean scores on the same items: items are drawn with replacement, both scores together. Seeded, so a report can be repeated. */
import { mean, type Interval } from './intervals.ts';
import { Random } from './random.ts';

export interface BootstrapOptions { resamples?: number; seed?: number; level?: number }
export interface PairedDifference extends Interval {
  /** mean(first) - mean(second) as observed. */
  difference: number;
  /** Two-sided: share of resamples whose centred difference is at least as far from 0, counted as (hits + 1) / (resamples + 1). */
  p: number;
  n: number;
  resamples: number;
  seed: number;
  level: number;
  /** undecided: the interval holds 0, or there is nothing to resample. */
  verdict: 'first' | 'second' | 'undecided';
}

/** Quantile of ascending values, linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * Math.min(1, Math.max(0, q));
  const low = Math.floor(at);
  const a = sorted[low] ?? Number.NaN;
  return a + (at - low) * ((sorted[Math.min(low + 1, sorted.length - 1)] ?? a) - a);
}

/** Scores per item, same order. The interval is the percentile interval of the resampled differences. Throws RangeError for lists of different length. */
export function pairedBootstrap(first: readonly number[], second: readonly number[], options: BootstrapOptions = {}): PairedDifference {
  const { resamples = 10_000, seed = 12_345, level = 0.95 } = options;
  const n = first.length;
  if (n !== second.length) throw new RangeError(`A paired bootstrap needs the same items on both sides, not ${n} and ${second.length}.`);
  if (n === 0) return { difference: Number.NaN, low: Number.NaN, high: Number.NaN, p: 1, n, resamples: 0, seed, level, verdict: 'undecided' };
  const d = Float64Array.from(first, (x, i) => x - (second[i] ?? 0));
  const difference = mean(first) - mean(second);
  const random = new Random(seed);
  const draws = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += d[random.below(n)] ?? 0;
    draws[r] = sum / n;
  }
  const centre = draws.reduce((a, b) => a + b, 0) / resamples;
  let hits = 0;
  // Sums in another order differ in the last bits; a difference that is the same up to those counts as as far.
  for (const x of draws) if (Math.abs(x - centre) >= Math.abs(difference) - 1e-12) hits++;
  draws.sort();
  const [low, high] = [quantile(draws, (1 - level) / 2), quantile(draws, 1 - (1 - level) / 2)];
  return { difference, low, high, p: (hits + 1) / (resamples + 1), n, resamples, seed, level, verdict: low > 0 ? 'first' : high < 0 ? 'second' : 'undecided' };
}
