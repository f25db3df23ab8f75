/** The report card of a reward model, on values computed by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoredRow } from '../../src/shared/schema/reward.ts';
import { GATE_LENGTH_LIMIT, rewardGate } from '../../src/main/eval/reward/gate.ts';
import { calibration, histogram, rewardReport } from '../../src/main/eval/reward/report.ts';
import { TRAITS } from '../../src/main/eval/reward/traits.ts';
import { pearson, ranks, spearman } from '../../src/main/eval/statistics/correlation.ts';
import { wilson } from '../../src/main/eval/statistics/intervals.ts';

type Side = [score: number, tokens: number, text?: string];
const pair = (index: number, [a, n, s = 'a']: Side, [b, m, t = 'b']: Side, rating: number | null = null): ScoredRow => ({ index, prompt: `p${index}`, answers: [{ text: s, tokens: n + 5, answer_tokens: n, score: a }, { text: t, tokens: m + 5, answer_tokens: m, score: b }], rating });

describe('correlation', () => {
  it('known values: the rating table of the statistics spec', () => {
    const a = [1, 2, 3, 4, 5, 3, 2, 1, 5, 4], b = [1, 2, 3, 4, 4, 3, 1, 1, 5, 2];
    expect(pearson(a, b)).toBeCloseTo(0.8861862597, 9);
    expect(spearman(a, b)).toBeCloseTo(0.8930994246, 9);
  });
  it('ties share their mean rank; a constant has no correlation', () => {
    expect(ranks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2]);
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(pearson([1], [2])).toBeNull();
  });
  it('stays within -1 and 1, and does not care for scale', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 3 }), (xy) => {
      const x = xy.map((v) => v[0]), y = xy.map((v) => v[1]), r = pearson(x, y);
      if (r === null) return;
      expect(Math.abs(r)).toBeLessThanOrEqual(1);
      expect(pearson(x.map((v) => 3 * v + 1), y.map((v) => -2 * v))).toBeCloseTo(-r, 9);
    }));
  });
});

describe('report', () => {
  // Margins 1, -2, 0.5, 0; lengths 10/10, 10/20, 20/19, 8/4.
  const rows = [pair(0, [2, 10, '- one\n- two'], [1, 10, 'one, two'], 2), pair(1, [-1, 10, 'Why?'], [1, 20, '- x'], 1), pair(2, [0.5, 20], [0, 19], -1), pair(3, [3, 8, '**bold**'], [3, 4], 0)];
  const report = rewardReport(rows, 2);
  it('counts a tie as wrong, with Wilson\'s interval', () => {
    expect(report.accuracy).toEqual({ k: 2, n: 4, value: 0.5, ...wilson(2, 4) });
    expect(report).toMatchObject({ pairs: 4, left_out: 2, ties: 1, score: { min: -1, max: 3, mean: 9.5 / 8 } });
    expect(report.margin.mean).toBeCloseTo(-0.125, 12);
    expect(report.margin.median).toBeCloseTo(0.25, 12);
    expect(report.margin.sd).toBeCloseTo(Math.sqrt((1.125 ** 2 + 1.875 ** 2 + 0.625 ** 2 + 0.125 ** 2) / 3), 12);
  });
  it('lengths: matched pairs are those within 10 % of the longer', () => {
    expect(report.length.matched).toMatchObject({ k: 2, n: 2 });
    expect(report.length.longer_chosen).toMatchObject({ k: 2, n: 3 });
    expect(report.length.longer_wins).toMatchObject({ k: 2, n: 3 }); // pair 1 and pair 2; in pair 3 nobody wins
    expect(report.length.margin_pearson).toBeCloseTo(pearson([0, -10, 1, 4], [1, -2, 0.5, 0])!, 12);
    expect(report.length.score_spearman).toBeCloseTo(spearman([10, 10, 10, 20, 20, 19, 8, 4], [2, 1, -1, 1, 0.5, 0, 3, 3])!, 12);
  });
  it('format: pairs that differ in a trait', () => {
    expect(report.format.map((f) => [f.trait, f.pairs, f.chosen_has.k, f.wins.k, f.accuracy.k])).toEqual([['list', 2, 1, 2, 1], ['bold', 1, 1, 0, 0], ['question', 1, 1, 0, 0]]);
  });
  it('ratings: direction where they say something, rank correlation over all', () => {
    expect(report.ratings).toMatchObject({ pairs: 4, agreement: { k: 1, n: 3 } });
    expect(report.ratings?.spearman).toBeCloseTo(spearman([2, 1, -1, 0], [1, -2, 0.5, 0])!, 12);
    expect(rewardReport([pair(0, [1, 2], [0, 2])]).ratings).toBeNull();
  });
  it('worst errors are the largest wrong margins, with their texts', () => {
    expect(report.worst).toEqual([{ index: 1, prompt: 'p1', chosen: 'Why?', rejected: '- x', chosen_score: -1, rejected_score: 1, chosen_tokens: 10, rejected_tokens: 20 }]);
  });
  it('the histogram has 0 as an edge and loses nothing', () => {
    const h = histogram([1, -2, 0.5, 0, 2]);
    expect(h).toHaveLength(20);
    expect(h.filter((b) => b.to <= 1e-12).reduce((n, b) => n + b.count, 0)).toBe(2);
    expect(h.reduce((n, b) => n + b.count, 0)).toBe(5);
    expect([h[0]?.from, h.at(-1)?.to]).toEqual([-2, 2]);
  });
});

describe('calibration', () => {
  it('a model that gives every pair ln 3 and is right in 3 of 4 is calibrated; one right in all is not', () => {
    const margins = (right: number): { margin: number }[] => Array.from({ length: 4000 }, (_, i) => ({ margin: i % 4 < right ? Math.log(3) : -Math.log(3) }));
    const good = calibration(margins(3)), proud = calibration(margins(4));
    expect(good.ece).toBeLessThan(0.03);
    expect(proud.ece).toBeCloseTo(0.25, 6);
    expect(proud.bins.filter((b) => b.n > 0).map((b) => [b.from, b.observed])).toEqual([[0.2, 0], [0.7, 1]]);
    expect(good.bins.reduce((n, b) => n + b.n, 0)).toBe(4000);
  });
});

describe('traits', () => {
  it('are seen in both languages, and not where they only look alike', () => {
    expect(TRAITS.list('a - b')).toBe(false);
    expect(TRAITS.list('First:\n1. one')).toBe(true);
    expect(TRAITS.heading('#tag')).toBe(false);
    expect(TRAITS.heading('## Title')).toBe(true);
    expect(TRAITS.bold('2 ** 3')).toBe(false);
    expect(TRAITS.apology('很抱歉')).toBe(true);
    expect(TRAITS.question('好吗？')).toBe(true);
  });
});

describe('gate', () => {
  /** n pairs, of which `k` are right; `lengths` of chosen and rejected. */
  const rows = (n: number, k: number, lengths: (i: number, right: boolean) => [number, number], score = (i: number): number => ((i * 37) % 11) / 10): ScoredRow[] => Array.from({ length: n }, (_, i) => {
    const right = (i * 7919) % n < k, [a, b] = lengths(i, right);
    return pair(i, [score(i) + (right ? 0.3 : -0.3), a], [score(i), b]);
  });
  const reasons = (r: ScoredRow[]): string[] => rewardReport(r).gate.reasons.map((x) => x.reason);
  it('lets a model pass that is right in 70 % and does not look at length', () => {
    expect(rewardReport(rows(200, 140, (i) => [50 + (i % 5), 52 - (i % 3)])).gate).toEqual({ verdict: 'pass', reasons: [] });
  });
  it('refuses what chance explains, and too few pairs', () => {
    expect(reasons(rows(200, 110, (i) => [50 + (i % 5), 52 - (i % 3)]))).toEqual(['not-above-chance']);
    expect(reasons(rows(40, 39, (i) => [50 + (i % 5), 52 - (i % 3)]))).toEqual(['too-few-pairs']);
  });
  it('refuses a model that is mostly length', () => {
    // Right exactly where the chosen answer is longer; among equal lengths half.
    const mostly = rows(400, 300, (i, right) => (i % 4 === 0 ? [50, 50] : right ? [90, 40] : [40, 90])).map((r, i) => (i % 4 === 0 ? pair(i, [i % 8 === 0 ? 0.3 : -0.3, 50], [0, 50]) : r));
    expect(reasons(mostly)).toEqual(expect.arrayContaining(['length-matched-chance', 'length-margin']));
    expect(reasons(Array.from({ length: 100 }, (_, i) => pair(i, [i + 2, i + 2], [i, i])))).toContain('length-score');
  });
  it('the limit itself still passes; every reason has words and numbers', () => {
    const fine = rewardReport(rows(200, 140, () => [50, 50]));
    expect(rewardGate({ ...fine, length: { ...fine.length, score_spearman: GATE_LENGTH_LIMIT } }).verdict).toBe('pass');
    const bad = rewardGate({ ...fine, length: { ...fine.length, score_spearman: -0.9 } });
    expect(bad).toMatchObject({ verdict: 'refuse', reasons: [{ reason: 'length-score', values: { r: -0.9, limit: GATE_LENGTH_LIMIT } }] });
    expect(bad.reasons[0]?.text).toContain('-0.90');
  });
});
