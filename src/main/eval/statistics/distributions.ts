/** The few distribution functions that intervals and tests need, to about double precision. */

/** log Γ(x) for x > 0 (Lanczos, g = 7, 9 terms; relative error about 1e-15). */
export function logGamma(x: number): number {
  const c = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const y = x - 1;
  const t = y + 7.5;
  const sum = c.reduce((acc, v, i) => acc + (i === 0 ? v : v / (y + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X <= k) for X binomial(n, p): sum of the terms on the shorter side. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  if (p <= 0) return 1;
  if (p >= 1) return 0;
  const term = (i: number): number => Math.exp(logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1) + i * Math.log(p) + (n - i) * Math.log1p(-p));
  let sum = 0;
  if (k <= n * p) { for (let i = 0; i <= k; i++) sum += term(i); return Math.min(1, sum); }
  for (let i = k + 1; i <= n; i++) sum += term(i);
  return Math.max(0, 1 - sum);
}

/** Upper tail of the standard normal distribution: series near 0, continued fraction far out. */
export function normalUpper(z: number): number {
  if (z < 0) return 1 - normalUpper(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) { term *= (z * z) / (2 * n + 1); sum += term; }
    return 0.5 - density * sum;
  }
  let fraction = 0;
  for (let n = 80; n >= 1; n--) fraction = n / (z + fraction);
  return density / (z + fraction);
}

/** Quantile of the standard normal distribution, by bisection on `normalUpper`. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p <= 0 ? -Infinity : Infinity;
  let low = -40;
  let high = 40;
  for (let i = 0; i < 200 && high - low > 1e-15 * Math.max(1, Math.abs(low)); i++) {
    const mid = (low + high) / 2;
    if (normalUpper(mid) > 1 - p) low = mid; else high = mid;
  }
  return (low + high) / 2;
}

/** Upper tail of χ² with one degree of freedom. */
export const chiSquare1Upper = (x: number): number => (x <= 0 ? 1 : 2 * normalUpper(Math.sqrt(x)));
