/** Small statistics that the rules share. Robust ones where single points must not decide: median, and the median absolute deviation times 1.4826 (the standard deviation of normal data). */
import type { Point } from './rule.ts';

export const valuesOf = (points: readonly Point[]): number[] => points.map((p) => p.value);
export const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
export function median(x: readonly number[]): number {
  const s = x.toSorted((a, b) => a - b), h = s.length >> 1;
  return s.length % 2 === 1 ? s[h]! : (s[h - 1]! + s[h]!) / 2;
}
export function robustDeviation(x: readonly number[]): number {
  const m = median(x);
  return 1.4826 * median(x.map((v) => Math.abs(v - m)));
}
/** Squared standard error of the mean. */
export function squaredError(x: readonly number[]): number {
  const m = mean(x);
  return x.length < 2 ? 0 : x.reduce((a, v) => a + (v - m) ** 2, 0) / (x.length - 1) / x.length;
}

export interface Change { from: number; to: number; /** Standard error of the difference. */ error: number; direction: 'up' | 'down' | 'flat'; step: number }
/** The first fifth of the points against the last one. Up or down: by more than two standard errors and more than 2 % of the larger side. Null below `least` points. */
export function change(points: readonly Point[] | undefined, least: number): Change | null {
  if (points === undefined || points.length < least) return null;
  const part = Math.max(3, Math.floor(points.length / 5));
  const head = valuesOf(points.slice(0, part)), tail = valuesOf(points.slice(-part));
  const from = mean(head), to = mean(tail), error = Math.sqrt(squaredError(head) + squaredError(tail));
  const least2 = Math.max(2 * error, 0.02 * Math.max(Math.abs(from), Math.abs(to)));
  return { from, to, error, direction: to - from > least2 ? 'up' : from - to > least2 ? 'down' : 'flat', step: points.at(-1)!.step };
}

/** First and last of at least two points. */
export function ends(points: readonly Point[] | undefined): { first: Point; last: Point } | null {
  return points === undefined || points.length < 2 ? null : { first: points[0]!, last: points.at(-1)! };
}
