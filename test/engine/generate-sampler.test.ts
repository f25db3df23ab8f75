/** Samplers on rows of logits: filters as in transformers, counted randomness, stop strings. */

import { describe, expect, test } from 'vitest';
import { cutAtStrings, sampleToken, stopAtStrings } from '../../src/main/engine/generate/index.ts';
import type { SamplerSettings } from '../../src/main/engine/generate/index.ts';

const PLAIN: SamplerSettings = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };
const PROBABILITIES = [0.5, 0.25, 0.15, 0.07, 0.03];
const row = (): Float32Array => Float32Array.from(PROBABILITIES, Math.log);
const none = new Set<number>();

function frequencies(settings: Partial<SamplerSettings>, draws = 20000): number[] {
  const counts = PROBABILITIES.map(() => 0);
  for (let i = 0; i < draws; i++) counts[sampleToken(row(), { ...PLAIN, ...settings }, none, 0, i)]! += 1 / draws;
  return counts;
}
const near = (got: number[], want: number[]): void => { want.forEach((p, i) => { expect(Math.abs(got[i]! - p), `token ${i}`).toBeLessThan(0.015); if (p === 0) expect(got[i]).toBe(0); }); };

describe('filters', () => {
  test('no filter draws from the softmax', () => { near(frequencies({}), PROBABILITIES); });
  test('temperature 2 takes the root', () => { const r = PROBABILITIES.map(Math.sqrt); const s = r.reduce((a, b) => a + b); near(frequencies({ temperature: 2 }), r.map(x => x / s)); });
  test('top_k 2', () => { near(frequencies({ top_k: 2 }), [2 / 3, 1 / 3, 0, 0, 0]); });
  test('top_p keeps the token that crosses the limit', () => { near(frequencies({ top_p: 0.6 }), [2 / 3, 1 / 3, 0, 0, 0]); });
  test('top_p below the first token keeps it', () => { near(frequencies({ top_p: 0.01 }), [1, 0, 0, 0, 0]); });
  test('min_p is relative to the largest', () => { near(frequencies({ min_p: 0.2 }), [5 / 9, 2.5 / 9, 1.5 / 9, 0, 0]); });
  test('top_p sees what top_k left', () => { near(frequencies({ top_k: 3, top_p: 0.55 }), [1, 0, 0, 0, 0]); });
  test('temperature 0 takes the largest', () => { expect(sampleToken(row(), { ...PLAIN, temperature: 0 }, none, 0, 0)).toBe(0); });
  test('repetition penalty divides positive and multiplies negative logits', () => {
    const greedy = { ...PLAIN, temperature: 0, repetition_penalty: 2 };
    expect(sampleToken(Float32Array.from([3, 2, -1]), greedy, new Set([0]), 0, 0)).toBe(1);
    expect(sampleToken(Float32Array.from([-1, -1.5, -3]), greedy, new Set([0]), 0, 0)).toBe(1);
  });
});

test('top_k keeps exactly the k largest of many, ties by lower id', () => {
  const logits = Float32Array.from({ length: 500 }, (_, i) => Math.round(Math.sin(i * 7.1) * 20) / 10);
  for (const k of [1, 2, 37, 499, 500, 900]) {
    const allowed = new Set(Array.from(logits, (x, i) => [x, i] as const).toSorted((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, k).map(([, i]) => i));
    const drawn = new Set(Array.from({ length: 3000 }, (_, i) => sampleToken(logits.slice(), { ...PLAIN, temperature: 50, top_k: k }, none, 0, i)));
    expect([...drawn].filter(id => !allowed.has(id)), `k ${k}`).toEqual([]);
    expect(drawn.size).toBeGreaterThan(Math.min(k, 500) * 0.9);
  }
});

test('randomness is counted: sequence, token and seed each change the draw, order of calls does not', () => {
  const draw = (seed: number, sequence: number, step: number): number => sampleToken(new Float32Array(1000), { ...PLAIN, seed }, none, sequence, step);
  const first = draw(1, 2, 3);
  expect(new Set([first, draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)]).size).toBe(4);
  expect(draw(1, 2, 3)).toBe(first);
});

describe('stop strings', () => {
  const words = ['Hel', 'lo', '.\n', '\nUs', 'er', ':'];
  const decode = (ids: number[]): string => ids.map(i => words[i] ?? '').join('');
  test('are found across tokens', () => {
    const stop = stopAtStrings(['\n\nUser'], decode);
    const all = [0, 1, 2, 3, 4, 5];
    expect(all.map((_, i) => stop(0, all.slice(0, i + 1)))).toEqual([false, false, false, false, true, true]);
  });
  test('are cut away at the first', () => { expect(cutAtStrings('a END b STOP', ['STOP', 'END'])).toBe('a '); expect(cutAtStrings('abc', ['x'])).toBe('abc'); });
  test('nothing to stop at', () => { expect(stopAtStrings([], decode)(0, [0])).toBe(false); });
});
