/** The three statistics of the demo's table: Wilson's interval, the seeded paired bootstrap of a difference, McNemar's exact test. */

const Z95 = 1.959963984540054;

/** 95 % interval of a share of `successes` in `n`. */
export function wilson(successes: number, n: number): { low: number; high: number } {
  if (n === 0) return { low: 0, high: 1 };
  const p = successes / n, z2 = Z95 * Z95, centre = (p + z2 / (2 * n)) / (1 + z2 / n), half = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Two-sided exact binomial test on the rows where only one of the two is right. */
export function mcnemarExact(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond, k = Math.min(onlyFirst, onlySecond);
  if (n === 0) return 1;
  let logChoose = 0, sum = 0; // log of n choose i
  for (let i = 0; i <= k; i++) {
    if (i > 0) logChoose += Math.log(n - i + 1) - Math.log(i);
    sum += Math.exp(logChoose - n * Math.LN2);
  }
  return Math.min(1, 2 * sum);
}

/** 95 % percentile interval of the mean of paired differences, by resampling rows. */
export function bootstrapMean(differences: readonly number[], rounds = 10_000, seed = 1): { mean: number; low: number; high: number } {
  const n = differences.length, mean = differences.reduce((a, b) => a + b, 0) / Math.max(1, n);
  if (n === 0) return { mean: 0, low: 0, high: 0 };
  const random = mulberry32(seed), means = new Float64Array(rounds);
  for (let r = 0; r < rounds; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[Math.floor(random() * n)] ?? 0;
    means[r] = sum / n;
  }
  means.sort();
  const at = (q: number): number => means[Math.min(rounds - 1, Math.max(0, Math.round(q * (rounds - 1))))] ?? mean;
  return { mean, low: at(0.025), high: at(0.975) };
}

function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
