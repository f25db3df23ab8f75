/** The train wizard's logic: draft and recipe are one thing, forms follow the method's declaration, gates refuse. */
import { describe, expect, test } from 'vitest';
import { METHODS } from '../../src/shared/methods/index.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import type { Review } from '../../src/shared/schema/review.ts';
import { parse, stringify } from 'yaml';
import { draftOf, emptyDraft, recipeOf, trainDefaults, withValue } from '../../src/renderer/src/wizards/train/draft.ts';
import { bounds, GROUPS, invalidFields, isChanged, paramFields, valueOf } from '../../src/renderer/src/wizards/train/param-fields.ts';
import { checksOf, mayStart } from '../../src/renderer/src/wizards/train/review-checks.ts';
import en from '../../src/renderer/src/i18n/locales/en/train.json' with { type: 'json' };
import zh from '../../src/renderer/src/i18n/locales/zh-CN/train.json' with { type: 'json' };

describe('draft', () => {
  test('a draft gives a recipe that the schema takes, and comes back unchanged', () => {
    const draft = { ...emptyDraft(), model: 'm1', name: 'first', data: { train: 'd1', eval: 'd2' }, adapter: { r: 8 }, train: { learning_rate: 1e-3, max_steps: 20 }, samples: { prompts: ['Hello', '  ', '你好'] } };
    const made = recipe.parse(recipeOf(draft));
    expect(made.adapter).toMatchObject({ type: 'lora', r: 8, lora_alpha: 32 });
    expect(made.samples.prompts).toEqual(['Hello', '你好']);
    const back = draftOf(made);
    expect(back).toMatchObject({ model: 'm1', name: 'first', data: { train: 'd1', eval: 'd2' }, adapter: { r: 8 }, train: { learning_rate: 1e-3, max_steps: 20 } });
    expect(recipe.parse(recipeOf(back))).toEqual(made);
  });
  test('full fine-tuning stays full', () => {
    const made = recipe.parse(recipeOf({ ...emptyDraft(), model: 'm', data: { train: 'd' }, adapter: 'none' }));
    expect(made.adapter).toBe('none');
    expect(draftOf(made).adapter).toBe('none');
  });
  test('a value equal to its default is forgotten', () => {
    const defaults = trainDefaults('sft');
    expect(withValue({ seed: 7 }, defaults, 'seed', defaults['seed'])).toEqual({});
    expect(withValue({}, defaults, 'seed', 7)).toEqual({ seed: 7 });
  });
});

describe('parameters', () => {
  test.each(Object.keys(METHODS) as (keyof typeof METHODS)[])('%s: every parameter has a field in a known group, and words in both languages', (method) => {
    const fields = paramFields(method, {});
    expect(fields.filter((f) => f.section === 'train').map((f) => f.name).sort()).toEqual(Object.keys(METHODS[method].train.shape).sort());
    for (const f of fields) {
      expect(GROUPS).toContain(f.hint.group);
      for (const words of [en, zh]) {
        const entry = (words.param as Record<string, { label: string; help: string } | undefined>)[f.name];
        expect(entry?.label, f.name).toBeTruthy();
        expect(entry?.help.length, f.name).toBeGreaterThan(5);
      }
      expect(f.schema.safeParse(f.fallback).success, f.name).toBe(true);
    }
  });
  test('without an adapter its parameters are gone', () => { expect(paramFields('sft', 'none').some((f) => f.section === 'adapter')).toBe(false); });
  test('refused values are named, defaults are not', () => {
    const draft = { ...emptyDraft(), train: { learning_rate: -1, max_length: undefined, seed: 3 }, adapter: { r: 0 } };
    expect(invalidFields(draft).map((f) => f.name).sort()).toEqual(['learning_rate', 'max_length', 'r']);
    expect(invalidFields(emptyDraft())).toEqual([]);
    const seed = paramFields('sft', {}).find((f) => f.name === 'seed');
    if (!seed) throw new Error('seed has no field');
    expect(isChanged(draft, seed)).toBe(true);
    expect(valueOf(draft, seed)).toBe(3);
  });
  test('bounds come from the schema', () => {
    const field = (name: string) => paramFields('sft', {}).find((f) => f.name === name);
    const rate = field('learning_rate');
    expect(rate && bounds(rate)).toEqual({ min: 0, max: 10 });
  });
});

describe('review gates', () => {
  const stats = { rows: 10, zero_trained: 0, truncated: 0, without_stop: 0, boundary_merges: 0, tokens: 100, trained_tokens: 40, median_tokens: 10, median_trained: 4, longest: 20, longest_index: 3, truncated_rows: [], overlap: 0, template: 't', histogram: [] };
  const review = (over: Partial<Omit<typeof stats, 'overlap'>> & { overlap?: number | null }, issues: Review['issues'] = []): Review => ({ stats: { ...stats, ...over }, issues }) as unknown as Review;
  test('all in order', () => { expect(checksOf(review({})).every((c) => c.level === 'good')).toBe(true); expect(mayStart(review({}))).toBe(true); });
  test('zero trained tokens refuses the start, whatever else is said', () => {
    expect(checksOf(review({ trained_tokens: 0, zero_trained: 10 }))[0]).toEqual({ id: 'trained', level: 'bad', key: 'zeroAll', count: 10 });
    expect(mayStart(review({ trained_tokens: 0 }))).toBe(false);
    expect(mayStart(null)).toBe(false);
  });
  test('a stopping issue refuses, a warning does not', () => {
    const issue = { path: 'model', message: 'x', code: 'memory-exceeded' };
    expect(mayStart(review({}, [{ ...issue, level: 'stop' }]))).toBe(false);
    expect(mayStart(review({}, [{ ...issue, level: 'warn' }]))).toBe(true);
  });
  test('each problem is counted and warned of', () => {
    const found = checksOf(review({ zero_trained: 1, truncated: 2, without_stop: 3, overlap: 4, boundary_merges: 5 })).filter((c) => c.level === 'warn');
    expect(found.map((c) => c.count)).toEqual([1, 3, 2, 4, 5]);
    expect(checksOf(review({ overlap: null })).find((c) => c.id === 'overlap')?.key).toBe('noEval');
  });
});

test('both languages have the same keys', () => {
  const keys = (o: object, at = ''): string[] => Object.entries(o).flatMap(([k, v]) => (typeof v === 'object' && v !== null ? keys(v, `${at}${k}.`) : [`${at}${k}`]));
  expect(keys(zh).sort()).toEqual(keys(en).sort());
});

test('device, precision and memory of a recipe come back from the form as they were', () => {
  const made = recipe.parse({ method: 'sft', model: 'm', data: { train: 'd' }, device: 'cuda', precision: 'fp16', memory_gb: 12 });
  expect(recipe.parse(parse(stringify(recipeOf(draftOf(made)))))).toEqual(made);
  expect(recipeOf({ ...draftOf(made), device: undefined, precision: undefined })).not.toHaveProperty('device');
});
