/** McNemar's test for two systems on the same items, right or wrong: only items where they disagree count. */
import { binomialCdf, chiSquare1Upper } from './distributions.ts';

export interface McNemar { /** Items that only the first gets right. */ b: number; /** Items that only the second gets right. */ c: number; statistic: number; p: number; method: 'exact' | 'chi2' | 'chi2-corrected' }

/** From the two counts. `auto`: exact below 25 disagreements, else χ² without continuity correction. No disagreement gives p = 1. */
export function mcnemarCounts(b: number, c: number, method: McNemar['method'] | 'auto' = 'auto'): McNemar {
  const n = b + c;
  const used = method === 'auto' ? (n < 25 ? 'exact' : 'chi2') : method;
  if (n === 0) return { b, c, statistic: 0, p: 1, method: used };
  if (used === 'exact') return { b, c, statistic: Math.min(b, c), p: Math.min(1, 2 * binomialCdf(Math.min(b, c), n, 0.5)), method: used };
  const distance = used === 'chi2' ? Math.abs(b - c) : Math.max(0, Math.abs(b - c) - 1);
  const statistic = (distance * distance) / n;
  return { b, c, statistic, p: chiSquare1Upper(statistic), method: used };
}

/** From right (1) and wrong (0) per item. Both lists must be over the same items. */
export function mcnemar(first: readonly number[], second: readonly number[], method: McNemar['method'] | 'auto' = 'auto'): McNemar {
  if (first.length !== second.length) throw new RangeError(`McNemar's test needs the same items on both sides, not ${first.length} and ${second.length}.`);
  let b = 0;
  let c = 0;
  first.forEach((x, i) => { const y = second[i] ?? 0; if (x > y) b++; else if (y > x) c++; });
  return mcnemarCounts(b, c, method);
}
