/** Intervals for proportions, and for the difference of two independent ones. Levels default to 95 %. */
import { binomialCdf, normalQuantile } from './distributions.ts';

export interface Interval { low: number; high: number }

const zOf = (level: number): number => normalQuantile(1 - (1 - level) / 2);

/** Wilson's score interval for k successes of n. Nothing observed (n = 0) gives [0, 1]. */
export function wilson(k: number, n: number, level = 0.95): Interval {
  if (n <= 0) return { low: 0, high: 1 };
  const z = zOf(level);
  const p = k / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: k === 0 ? 0 : Math.max(0, centre - half), high: k === n ? 1 : Math.min(1, centre + half) };
}

/** Clopper and Pearson's interval: never covers less than the level, wider than Wilson's. */
export function clopperPearson(k: number, n: number, level = 0.95): Interval {
  if (n <= 0) return { low: 0, high: 1 };
  const tail = (1 - level) / 2;
  const solve = (above: (p: number) => boolean): number => {
    let low = 0;
    let high = 1;
    for (let i = 0; i < 60; i++) { const mid = (low + high) / 2; if (above(mid)) high = mid; else low = mid; }
    return (low + high) / 2;
  };
  return { low: k === 0 ? 0 : solve((p) => 1 - binomialCdf(k - 1, n, p) > tail), high: k === n ? 1 : solve((p) => binomialCdf(k, n, p) < tail) };
}

/** p1 - p2 of two independent samples: Newcombe's interval from the two Wilson intervals (method 10 of Newcombe 1998). */
export function proportionDifference(k1: number, n1: number, k2: number, n2: number, level = 0.95): Interval & { difference: number } {
  if (n1 <= 0 || n2 <= 0) return { difference: Number.NaN, low: -1, high: 1 };
  const [p1, p2] = [k1 / n1, k2 / n2];
  const [a, b] = [wilson(k1, n1, level), wilson(k2, n2, level)];
  const d = p1 - p2;
  return { difference: d, low: d - Math.hypot(p1 - a.low, b.high - p2), high: d + Math.hypot(a.high - p1, p2 - b.low) };
}

export const mean = (x: readonly number[]): number => (x.length === 0 ? Number.NaN : x.reduce((a, b) => a + b, 0) / x.length);

/** Standard error of a mean: s / √n with n - 1 in s. NaN below two values. */
export function standardError(x: readonly number[]): number {
  if (x.length < 2) return Number.NaN;
  const m = mean(x);
  return Math.sqrt(x.reduce((a, b) => a + (b - m) ** 2, 0) / (x.length - 1) / x.length);
}
