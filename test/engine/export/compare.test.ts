/** The figures of a proof, on numbers worked out by hand. */
import { expect, test } from 'vitest';
import { compareLogits, compareTexts, divergence } from '../../../src/main/engine/export/proof/compare.ts';

test('logits: largest and mean difference, KL, same top', () => {
  const p = Float32Array.of(0, Math.log(3)), q = Float32Array.of(0, 0);
  // p = (1/4, 3/4), q = (1/2, 1/2).
  expect(divergence(p, q)).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 6);
  expect(divergence(p, p)).toBe(0);
  expect(compareLogits([p, q], [p, Float32Array.of(0.5, 0)])).toMatchObject({ positions: 2, max_abs_diff: 0.5, mean_abs_diff: 0.125, same_top: 1 });
  expect(compareLogits([p], [Float32Array.of(Number.NaN, 0)]).max_abs_diff).toBe(Infinity);
  expect(compareLogits([p], [Float32Array.of(2, 1)]).same_top).toBe(0);
});

test('texts: equal to the end, and tokens before the first difference', () => {
  expect(compareTexts([[1, 2, 3], [4, 5]], [[1, 2, 3], [4, 6]])).toEqual({ same_text: 0.5, same_tokens: 0.8, tokens: 5, first: 1 });
  expect(compareTexts([[1]], [[1, 2]])).toMatchObject({ same_text: 0, same_tokens: 1, first: 0 });
  expect(compareTexts([[1, 2]], [[1, 2]])).toMatchObject({ same_text: 1, first: null });
});
