/** The arithmetic behind the charts: smoothing, clipping, ticks, alignment, and the pace of redraws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOf, unionX } from '../../src/renderer/src/charts/align.ts';
import { chartData, smoothingUnit } from '../../src/renderer/src/charts/chart-data.ts';
import type { ChartLine } from '../../src/renderer/src/charts/chart-line.ts';
import { clipRange, padRange, quantile } from '../../src/renderer/src/charts/clip-range.ts';
import { ema } from '../../src/renderer/src/charts/ema.ts';
import { redrawGate } from '../../src/renderer/src/charts/redraw-gate.ts';
import { sparkPath } from '../../src/renderer/src/charts/sparkline.tsx';
import { logTicks, niceTicks, tickDigits } from '../../src/renderer/src/charts/ticks.ts';

const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const line = (over: Partial<ChartLine> = {}): ChartLine => {
  const mean = over.mean ?? [3, 2, 1];
  return { id: 'loss', label: 'loss', tone: 'ember', shape: 'line', steps: steps(mean.length), x: steps(mean.length), min: mean, max: mean, ...over, mean };
};

describe('ema', () => {
  test('a constant stays what it is from the first point on', () => {
    for (const v of ema(steps(20), Array.from({ length: 20 }, () => 2.5), 0.9)) expect(v).toBeCloseTo(2.5, 12);
  });
  test('even steps: the debiased average written out', () => {
    const x = [4, 1, 3], b = 0.8;
    const by = ema(steps(3), x, b);
    const direct = (k: number): number => {
      let sum = 0, mass = 0;
      for (let i = 0; i <= k; i++) { const w = b ** (k - i); sum += w * (x[i] as number); mass += w; }
      return sum / mass;
    };
    by.forEach((v, k) => { expect(v).toBeCloseTo(direct(k), 12); });
  });
  test('stays between the extremes seen so far, and keeps gaps', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (values, w) => {
      const out = ema(values.map((_, i) => i * 3), values, w);
      let low = Infinity, high = -Infinity;
      values.forEach((v, i) => { low = Math.min(low, v); high = Math.max(high, v); expect(out[i]).toBeGreaterThanOrEqual(low - 1e-9); expect(out[i]).toBeLessThanOrEqual(high + 1e-9); });
    }));
    expect(ema(steps(3), [1, null, 3], 0.5)[1]).toBeNull();
    expect(ema(steps(3), [1, Number.NaN, 3], 0.5)[1]).toBeNull();
  });
  test('depends on the distance in steps, not on the number of points', () => {
    const full = ema(steps(200), steps(200).map((s) => (s <= 100 ? 1 : 0)), 0.95);
    const some = steps(200).filter((s) => s % 10 === 0);
    const sparse = ema(some, some.map((s) => (s <= 100 ? 1 : 0)), 0.95);
    expect(sparse[some.indexOf(150)]).toBeCloseTo(full[149] as number, 2);
  });
  test('a larger unit smooths over more steps, and short runs keep single steps', () => {
    const jump = steps(100).map((s) => (s <= 50 ? 0 : 1));
    expect(ema(steps(100), jump, 0.6, 10)[55]).toBeLessThan(ema(steps(100), jump, 0.6)[55] as number);
    expect(smoothingUnit(steps(80))).toBe(1);
    expect(smoothingUnit(steps(2001))).toBe(20);
  });
  test('weight 0 returns the values', () => { expect(ema(steps(3), [1, 5, 2], 0)).toEqual([1, 5, 2]); });
});

describe('clip', () => {
  const calm = Array.from({ length: 200 }, (_, i) => 1 + Math.sin(i) * 0.1);
  test('a spike is left out and counted; without the clip it is in', () => {
    const spiky = [...calm, 1000];
    const clipped = clipRange(spiky, { clip: true });
    expect(clipped?.outside).toBe(1);
    expect(clipped?.max).toBeLessThan(2);
    expect(clipRange(spiky, { clip: false })).toEqual({ min: Math.min(...calm), max: 1000, outside: 0 });
  });
  test('nothing is outside a calm curve', () => { expect(clipRange(calm, { clip: true })?.outside).toBe(0); });
  test('outside is exactly the number of points beyond the range', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 }), (values) => {
      const r = clipRange(values, { clip: true });
      expect(r).not.toBeNull();
      if (r) expect(values.filter((v) => v < r.min || v > r.max).length).toBe(r.outside);
    }));
  });
  test('a log axis drops what it cannot show; nothing left is null', () => {
    expect(clipRange([-1, 0, 10], { clip: false, log: true })).toEqual({ min: 10, max: 10, outside: 0 });
    expect(clipRange([0, -1, null], { clip: true, log: true })).toBeNull();
  });
  test('quantiles interpolate, padding keeps zero as the floor', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(padRange(0.01, 10, false)[0]).toBe(0);
    expect(padRange(5, 5, false)[1]).toBeGreaterThan(5);
    expect(padRange(1, 100, true)[0]).toBeLessThan(1);
  });
});

describe('ticks', () => {
  test('are round, ascending, inside, and about as many as asked', () => {
    fc.assert(fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (min, span) => {
      const ticks = niceTicks(min, min + span, 5);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(11);
      ticks.forEach((t, i) => { expect(t).toBeGreaterThanOrEqual(min - span * 1e-6); expect(t).toBeLessThanOrEqual(min + span * (1 + 1e-6)); if (i > 0) expect(t).toBeGreaterThan(ticks[i - 1] as number); });
    }));
    expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0.28, 0.72, 5)).toEqual([0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(niceTicks(Number.NaN, 1)).toEqual([]);
  });
  test('log ticks stand inside, also within one decade and over many', () => {
    for (const [a, b] of [[0.3, 5], [1e-8, 1], [2, 3], [1, 1.1]] as const) {
      const t = logTicks(a, b);
      expect(t.length).toBeGreaterThanOrEqual(2);
      expect(t.length).toBeLessThanOrEqual(11);
      for (const v of t) { expect(v).toBeGreaterThanOrEqual(a); expect(v).toBeLessThanOrEqual(b); }
    }
    expect(logTicks(0, 1)).toEqual([]);
  });
  test('digits tell ticks apart', () => {
    expect(tickDigits([0, 100, 200])).toBe(0);
    expect(tickDigits([0.3, 0.4])).toBe(1);
    expect(tickDigits([0.00025, 0.0005])).toBe(5);
  });
});

describe('chart data', () => {
  test('lines with different x share one sorted column, with holes where they have no point', () => {
    const { x, rows } = unionX([{ x: [1, 2, 3, 4] }, { x: [2, 4, 5] }]);
    expect(x).toEqual([1, 2, 3, 4, 5]);
    expect(columnOf(rows[1] as Int32Array, [10, 20, 30], false)).toEqual([undefined, 10, undefined, 20, 30]);
    expect(columnOf(rows[1] as Int32Array, [10, -1, 30], true)).toEqual([undefined, 10, undefined, null, 30]);
  });
  test('buckets that span more than one value get a band; smoothing adds a layer', () => {
    const plain = chartData([line()], { log: false, smooth: 0, clip: false });
    expect(plain?.columns.map((c) => c.layer)).toEqual(['smooth']);
    const banded = chartData([line({ max: [4, 3, 2] })], { log: false, smooth: 0.5, clip: false });
    expect(banded?.columns.map((c) => c.layer)).toEqual(['band-high', 'band-low', 'raw', 'smooth']);
    expect(banded?.range[1]).toBeGreaterThan(4);
  });
  test('the axis reaches to the end of the run, not only to the last point', () => {
    expect(chartData([line()], { log: false, smooth: 0, clip: false }, { xMin: 0, xMax: 100 })?.xRange).toEqual([0, 100]);
    expect(chartData([line({ mean: [] })], { log: false, smooth: 0, clip: false })).toBeNull();
  });
  test('noise within a share of the value is not blown up to the whole height', () => {
    const noisy = line({ mean: [100, 101, 99, 100] }), view = { log: false, smooth: 0, clip: true };
    const span = (calm: number): number => { const [low = 0, high = 0] = chartData([noisy], view, { calm })?.range ?? []; return high - low; };
    expect(span(0)).toBeLessThan(4);
    expect(span(0.25)).toBeGreaterThan(25);
  });
});

describe('redraw gate', () => {
  function fakeClock() {
    let now = 0, next = 1;
    const timers = new Map<number, { at: number; fn: () => void }>();
    return {
      clock: { now: () => now, set: (fn: () => void, ms: number) => { timers.set(next, { at: now + ms, fn }); return next++; }, clear: (h: number) => { timers.delete(h); } },
      advance: (ms: number): void => { const end = now + ms; for (;;) { const due = [...timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0]; if (!due) break; timers.delete(due[0]); now = due[1].at; due[1].fn(); } now = end; },
    };
  }
  test('at most four a second, and the last request is drawn', () => {
    const { clock, advance } = fakeClock();
    let drawn = 0;
    const gate = redrawGate(() => drawn++, clock);
    for (let i = 0; i < 200; i++) { gate.request(); advance(10); }
    expect(drawn).toBeGreaterThanOrEqual(8);
    expect(drawn).toBeLessThanOrEqual(9);
    const before = drawn;
    gate.request(); advance(1000);
    expect(drawn).toBe(before + 1);
  });
  test('nothing is drawn while hidden; showing draws what was asked for', () => {
    const { clock, advance } = fakeClock();
    let drawn = 0;
    const gate = redrawGate(() => drawn++, clock);
    gate.setVisible(false);
    gate.request(); advance(5000);
    expect(drawn).toBe(0);
    gate.setVisible(true);
    expect(drawn).toBe(1);
    gate.dispose(); gate.request(); advance(1000);
    expect(drawn).toBe(1);
  });
});

test('sparkline: nothing for one point, inside its box otherwise', () => {
  expect(sparkPath([1], 100, 20)).toBe('');
  const numbers = sparkPath([5, 1, 9, Number.NaN, 3], 100, 20).match(/[\d.]+/g)?.map(Number) ?? [];
  expect(numbers.length).toBe(8);
  numbers.forEach((v, i) => { expect(v).toBeGreaterThanOrEqual(0); expect(v).toBeLessThanOrEqual(i % 2 === 0 ? 100 : 20); });
});
