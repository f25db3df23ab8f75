import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TEXT_METRICS, textMetric } from '../../src/main/eval/metrics/index.ts';
import type { NormaliseOptions, TextMetric } from '../../src/main/eval/metrics/metric.ts';
import { mean } from '../../src/main/eval/statistics/intervals.ts';

describe.each<[string, TextMetric]>(Object.entries(TEXT_METRICS))('%s', (id, metric) => {
  it('is what its id says, and scores its examples', () => {
    expect(metric.id).toBe(id);
    expect(metric.examples.length).toBeGreaterThan(2);
    for (const { prediction, references, options, score } of metric.examples) expect(metric.score(prediction, references, options)).toBeCloseTo(score, 12);
  });
  it('stays within 0 and 1, gives a reference itself full marks, and more references never score less', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }), (p, refs) => {
      const s = metric.score(p, refs);
      expect(s).toBeGreaterThanOrEqual(0);
      expect(s).toBeLessThanOrEqual(1);
      if (metric.binary) expect([0, 1]).toContain(s);
      expect(metric.score(p, [...refs, 'x'])).toBeGreaterThanOrEqual(s);
      expect(metric.score('word', ['word'])).toBe(1);
      expect(metric.score(p, [])).toBe(0);
    }));
  });
});

describe('exact_match, values of Hugging Face evaluate', () => {
  const references = ['the cat', 'theater', 'YELLING', 'agent007'];
  const predictions = ['cat?', 'theater', 'yelling', 'agent'];
  const score = (options: NormaliseOptions): number => mean(predictions.map((p, i) => TEXT_METRICS.exact_match.score(p, [references[i] ?? ''], { ...options, trim: false })));
  it.each<[NormaliseOptions, number]>([
    [{}, 0.25], [{ regexes_to_ignore: ['the ', 'yell'], ignore_case: true, ignore_punctuation: true }, 0.5], [{ regexes_to_ignore: ['the ', 'yell', 'YELL'], ignore_case: true, ignore_punctuation: true }, 0.75],
    [{ regexes_to_ignore: ['the ', 'yell', 'YELL'], ignore_case: true, ignore_punctuation: true, ignore_numbers: true }, 1],
  ])('%j', (options, expected) => { expect(score(options)).toBe(expected); });
  it('refuses a broken pattern and an unknown metric by name', () => {
    expect(() => score({ regexes_to_ignore: ['('] })).toThrow(expect.objectContaining({ code: 'recipe-value' }));
    expect(() => textMetric('bleu')).toThrow(expect.objectContaining({ code: 'recipe-value', message: expect.stringContaining('exact_match') as string }));
    expect(textMetric('contains').id).toBe('contains');
  });
});
