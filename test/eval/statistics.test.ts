import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf, chiSquare1Upper, logGamma, normalQuantile, normalUpper } from '../../src/main/eval/statistics/distributions.ts';
import { clopperPearson, mean, proportionDifference, standardError, wilson } from '../../src/main/eval/statistics/intervals.ts';
import { mcnemar, mcnemarCounts } from '../../src/main/eval/statistics/mcnemar.ts';
import { pairedBootstrap, quantile } from '../../src/main/eval/statistics/paired-bootstrap.ts';
import { Random } from '../../src/main/eval/statistics/random.ts';

describe('distributions', () => {
  it('known values', () => {
    expect(normalUpper(1.959963984540054)).toBeCloseTo(0.025, 14);
    expect(normalUpper(0)).toBe(0.5);
    expect(normalUpper(5) / 2.866515718791939e-7).toBeCloseTo(1, 12);
    expect(normalUpper(-1)).toBeCloseTo(0.8413447460685429, 14);
    expect(normalUpper(3 - 1e-9)).toBeCloseTo(normalUpper(3), 11); // both formulas meet
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 11);
    expect(normalQuantile(0.5)).toBeCloseTo(0, 14);
    expect(chiSquare1Upper(3.841458820694124)).toBeCloseTo(0.05, 13);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
    expect(binomialCdf(3, 10, 0.5)).toBeCloseTo(176 / 1024, 13);
    expect(binomialCdf(8, 10, 0.5)).toBeCloseTo(1013 / 1024, 13);
  });
});

describe('intervals', () => {
  it('Wilson and Clopper-Pearson of 37 in 50', () => {
    expect(wilson(37, 50).low).toBeCloseTo(0.6044684, 7);
    expect(wilson(37, 50).high).toBeCloseTo(0.8412847, 7);
    expect(clopperPearson(37, 50).low).toBeCloseTo(0.5965523, 7);
    expect(clopperPearson(37, 50).high).toBeCloseTo(0.8536994, 7);
  });
  it('edges', () => {
    expect(wilson(0, 10).low).toBe(0);
    expect(wilson(10, 10).high).toBe(1);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
    expect(clopperPearson(0, 10).high).toBeCloseTo(1 - 0.025 ** 0.1, 10); // (1-p)^10 = 0.025
  });
  it('difference of two proportions: the example of Newcombe (1998), 56 of 70 against 48 of 80', () => {
    const d = proportionDifference(56, 70, 48, 80);
    expect(d.difference).toBeCloseTo(0.2, 12);
    expect(d.low).toBeCloseTo(0.0524, 4);
    expect(d.high).toBeCloseTo(0.3339, 4);
    expect(proportionDifference(48, 80, 56, 70).low).toBeCloseTo(-d.high, 12);
  });
  it('standard error of 50 in 100', () => {
    expect(standardError(Array.from({ length: 100 }, (_, i) => i % 2))).toBeCloseTo(0.05025189, 8);
    expect(standardError([1])).toBeNaN();
    expect(mean([])).toBeNaN();
  });
  it('Wilson holds the estimate, lies in [0, 1], and narrows with n', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }).chain((n) => fc.tuple(fc.nat(n), fc.constant(n))), ([k, n]) => {
      const w = wilson(k, n);
      expect(w.low).toBeGreaterThanOrEqual(0);
      expect(w.low).toBeLessThanOrEqual(k / n + 1e-12);
      expect(w.high).toBeGreaterThanOrEqual(k / n - 1e-12);
      expect(w.high).toBeLessThanOrEqual(1);
      expect(wilson(4 * k, 4 * n).high - wilson(4 * k, 4 * n).low).toBeLessThan(w.high - w.low);
    }));
  });
});

describe('McNemar', () => {
  it('10 against 3', () => {
    expect(mcnemarCounts(10, 3, 'chi2').statistic).toBeCloseTo(3.769230769, 9);
    expect(mcnemarCounts(10, 3, 'chi2').p).toBeCloseTo(0.0522036353, 10);
    expect(mcnemarCounts(10, 3, 'chi2-corrected').p).toBeCloseTo(0.0960923295, 10);
    expect(mcnemarCounts(10, 3, 'exact').p).toBeCloseTo(0.09228515625, 13);
    expect(mcnemarCounts(10, 3)).toMatchObject({ method: 'exact' });
    expect(mcnemarCounts(20, 10)).toMatchObject({ method: 'chi2' });
  });
  it('the example of Hugging Face evaluate: refs 1 0 1, answers 1 1 1 and 1 0 1', () => {
    const refs = [1, 0, 1];
    const right = (answers: number[]): number[] => answers.map((a, i) => (a === refs[i] ? 1 : 0));
    const t = mcnemar(right([1, 1, 1]), right([1, 0, 1]), 'chi2');
    expect(t).toMatchObject({ b: 0, c: 1, statistic: 1 });
    expect(t.p).toBeCloseTo(0.31731050786291115, 14);
  });
  it('no disagreement is p = 1; different lengths are refused', () => {
    expect(mcnemar([1, 0], [1, 0]).p).toBe(1);
    expect(() => mcnemar([1], [1, 0])).toThrow(RangeError);
  });
});

describe('paired bootstrap', () => {
  it('is the same for the same seed, and another for another', () => {
    const a = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 0 : 1));
    const b = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 0 : 1));
    expect(pairedBootstrap(a, b)).toEqual(pairedBootstrap(a, b));
    expect(pairedBootstrap(a, b, { seed: 1 }).low).not.toBe(pairedBootstrap(a, b, { seed: 1, resamples: 9999 }).p);
    const forth = pairedBootstrap(a, b, { seed: 7 });
    const back = pairedBootstrap(b, a, { seed: 7 });
    expect([back.difference, back.low, back.high]).toEqual([-forth.difference, -forth.high, -forth.low].map((x) => expect.closeTo(x, 12) as number));
    expect(back.p).toBe(forth.p);
  });
  it('agrees with the normal interval where that holds', () => {
    const random = new Random(3);
    const a = Array.from({ length: 2000 }, () => random.below(1000) / 1000);
    const b = a.map((x) => x - 0.1 + (random.below(1000) - 500) / 5000);
    const r = pairedBootstrap(a, b);
    const half = 1.96 * standardError(a.map((x, i) => x - (b[i] ?? 0)));
    expect(r.low).toBeCloseTo(r.difference - half, 3);
    expect(r.high).toBeCloseTo(r.difference + half, 3);
    expect(r).toMatchObject({ verdict: 'first', n: 2000, resamples: 10_000, seed: 12_345 });
    expect(r.p).toBeCloseTo(1 / 10_001, 12);
  });
  it('does not decide what the data cannot', () => {
    expect(pairedBootstrap([1, 0, 1, 0], [0, 1, 0, 1])).toMatchObject({ difference: 0, verdict: 'undecided', p: 1 });
    expect(pairedBootstrap([1, 1], [1, 1])).toMatchObject({ difference: 0, low: 0, high: 0, p: 1, verdict: 'undecided' });
    expect(pairedBootstrap([], [])).toMatchObject({ verdict: 'undecided', p: 1 });
    expect(() => pairedBootstrap([1], [])).toThrow(RangeError);
  });
  it('p is near uniform when there is no difference', () => {
    const random = new Random(11);
    let low = 0;
    for (let t = 0; t < 200; t++) {
      const draw = (): number[] => Array.from({ length: 50 }, () => random.below(2));
      if (pairedBootstrap(draw(), draw(), { resamples: 300, seed: t }).p < 0.05) low++;
    }
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(25); // 10 expected
  });
  it('quantiles', () => { expect([quantile([1, 2, 3], 0.5), quantile([1, 2], 0.25), quantile([5], 0.9), quantile([], 0.5)]).toEqual([2, 1.25, 5, Number.NaN]); });
});

describe('random', () => {
  it('draws evenly', () => {
    const random = new Random(1);
    const counts = Array.from({ length: 7 }, () => 0);
    for (let i = 0; i < 70_000; i++) { const k = random.below(7); counts[k] = (counts[k] ?? 0) + 1; }
    const chi = counts.reduce((s, c) => s + (c - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(22.5); // 99.9 % point of χ² with 6 degrees of freedom
    const reference = Random.fromState([0x964d4a0c, 0xd40ab895, 0xad7fdecb, 0x3006f0f0]);
    expect(Array.from({ length: 4 }, () => reference.bits())).toEqual([0xf1391922, 0x6fe53806, 0xa5be2840, 0xf510ee70]); // outputs of the authors' C code
    expect(new Random(1).bits()).toBe(new Random(1).bits());
    expect(new Random(1).bits()).not.toBe(new Random(2).bits());
  });
});
