/** Metrics in the database: several attempts, ranges, axes and reopening against a list of plain points. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../src/main/store/open.ts';
import type { Store } from '../../src/main/store/open.ts';
import { testRun } from '../support/records.ts';

let home: string, store: Store;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'anneal-metrics-')); store = openStore(home); });
afterEach(() => { store.close(); rmSync(home, { recursive: true, force: true }); });

let runs = 0;
const newRun = (): string => { const id = `r${runs++}`; store.runs.put(testRun(id)); return id; };
const write = (id: string, attempt: number, from: number, to: number, value: (step: number) => number, batch = 100): void => {
  for (let s = from; s < to; s += batch) store.metrics.append(id, attempt, Array.from({ length: Math.min(batch, to - s) }, (_, k) => ({ step: s + k, tokens: (s + k) * 10, epoch: (s + k) / 100, seconds: (s + k) * 2, values: { loss: value(s + k) } })));
};

test('rows past a resumed step are superseded by the later attempt', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(400)), { minLength: 1, maxLength: 4 }), fc.integer({ min: 2, max: 300 }), (attempts, points) => {
    const id = newRun();
    let truth: [number, number][] = [], at = 0;
    for (const [k, [length, back]] of attempts.entries()) {
      const from = Math.max(0, at - back);
      store.runs.addAttempt(id, { attempt: k + 1, from_step: from, started_at: k });
      write(id, k + 1, from + 1, from + 1 + length, (s) => s * 10 + k, 37);
      truth = truth.filter(([s]) => s <= from).concat(Array.from({ length }, (_, i) => [from + 1 + i, (from + 1 + i) * 10 + k]));
      at = from + length;
    }
    const [loss] = store.metrics.series(id, { names: ['loss'], x: 'step', points });
    expect(loss?.count).toBe(truth.length);
    expect(loss?.steps.length).toBeLessThanOrEqual(points);
    expect(Math.min(...loss?.min ?? [])).toBe(Math.min(...truth.map(([, v]) => v)));
    expect(Math.max(...loss?.max ?? [])).toBe(Math.max(...truth.map(([, v]) => v)));
    if (truth.length <= points) expect(loss?.mean).toEqual(truth.map(([, v]) => v));
  }), { numRuns: 25 });
});

test('a spike among many points survives any resolution', () => {
  const id = newRun();
  store.runs.addAttempt(id, { attempt: 1, from_step: 0, started_at: 0 });
  write(id, 1, 1, 20_001, (s) => (s === 13_337 ? 99 : Math.sin(s)), 500);
  for (const points of [2, 10, 100, 800, 5000]) {
    const [loss] = store.metrics.series(id, { names: ['loss'], x: 'step', points });
    expect(Math.max(...loss?.max ?? [])).toBe(99);
    expect(loss?.steps.length).toBeLessThanOrEqual(points);
    expect(loss?.steps.length).toBeGreaterThan(points / 2);
  }
  const [near] = store.metrics.series(id, { names: ['loss'], x: 'step', points: 50, from: 13_330, to: 13_340 });
  expect(near?.steps).toEqual(Array.from({ length: 11 }, (_, k) => 13_330 + k));
  expect(near?.mean[7]).toBe(99);
});

test('other axes', () => {
  const id = newRun();
  store.runs.addAttempt(id, { attempt: 1, from_step: 0, started_at: 0 });
  write(id, 1, 1, 3001, (s) => s);
  for (const [axis, per] of [['tokens', 10], ['epoch', 0.01], ['seconds', 2]] as const) {
    const [exact] = store.metrics.series(id, { names: ['loss'], x: axis, points: 5000 });
    expect(exact?.x.every((x, k) => Math.abs(x - (k + 1) * per) < 1e-9)).toBe(true);
    const [coarse] = store.metrics.series(id, { names: ['loss'], x: axis, points: 100 });
    expect(coarse?.x.every((x, k) => Math.abs(x - (coarse.steps[k] ?? 0) * per) < 1e-6 * x)).toBe(true);
  }
});

test('appending goes on after reopening, and double steps are counted as refused', () => {
  const id = newRun();
  store.runs.addAttempt(id, { attempt: 1, from_step: 0, started_at: 0 });
  write(id, 1, 1, 1000, (s) => s);
  store.close();
  store = openStore(home);
  expect(store.metrics.append(id, 1, [{ step: 999, tokens: 0, epoch: 0, seconds: 0, values: { loss: 5, other: 1 } }])).toBe(1);
  write(id, 1, 1000, 1500, (s) => s);
  const [loss] = store.metrics.series(id, { names: ['loss'], x: 'step', points: 5000 });
  expect(loss?.mean).toEqual(Array.from({ length: 1499 }, (_, k) => k + 1));
  expect(store.metrics.names(id)).toEqual(['loss', 'other']);
  store.runs.remove(id);
  expect(store.metrics.names(id)).toEqual([]);
});

test('a failed transaction around an append leaves no trace', () => {
  const id = newRun();
  store.runs.addAttempt(id, { attempt: 1, from_step: 0, started_at: 0 });
  write(id, 1, 1, 11, (s) => s);
  expect(() => store.transaction(() => { write(id, 1, 11, 21, () => -1); throw new Error('taken back'); })).toThrow('taken back');
  write(id, 1, 11, 21, (s) => s);
  expect(store.metrics.series(id, { names: ['loss'], x: 'step', points: 100 })[0]?.mean).toEqual(Array.from({ length: 20 }, (_, k) => k + 1));
});
