/** Every text exists in every language, with the same placeholders; every error code has a title; nothing is written twice by accident. */
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/shared/errors.ts';
import { en, zhCN } from '../../src/renderer/src/i18n/resources.ts';

type Tree = { readonly [key: string]: string | Tree };
const flat = (tree: Tree, prefix = ''): [string, string][] => Object.entries(tree).flatMap(([key, value]): [string, string][] => (typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`)));
const PLURAL = /_(zero|one|two|few|many|other)$/;
const base = (key: string): string => key.replace(PLURAL, '');
const names = (text: string): string[] => [...new Set([...text.matchAll(/\{\{\s*([\w.]+)/g)].map((m) => m[1] ?? ''))].toSorted();
const tags = (text: string): string[] => [...text.matchAll(/<\/?\w+>/g)].map((m) => m[0]).toSorted();
const areas = Object.keys(en) as (keyof typeof en)[];

describe.each(areas)('%s', (area) => {
  const english = flat(en[area]), chinese = flat(zhCN[area]), zh = new Map(chinese);
  it('has the same keys in English and Chinese', () => {
    const keys = (list: [string, string][]): string[] => [...new Set(list.map(([k]) => base(k)))].toSorted();
    expect(keys(chinese)).toEqual(keys(english));
  });
  it('has every plural form that the language needs', () => {
    const forms = (list: [string, string][], key: string): string[] => list.map(([k]) => k).filter((k) => PLURAL.test(k) && base(k) === key).map((k) => PLURAL.exec(k)?.[1] ?? '').toSorted();
    for (const key of new Set(english.map(([k]) => k).filter((k) => PLURAL.test(k)).map(base))) {
      // The plain key is what i18next falls back to.
      expect([...forms(english, key), ...(english.some(([k]) => k === key) ? ['one'] : [])], `${area}:${key} in English`).toEqual(expect.arrayContaining(['one', 'other']));
      expect(forms(chinese, key), `${area}:${key} in Chinese`).toContain('other');
    }
  });
  it('names the same values and marks in both', () => {
    for (const [key, text] of english) {
      const other = zh.get(key);
      if (other === undefined) continue; // the English singular
      expect(names(other), `${area}:${key}`).toEqual(names(text));
      expect(tags(other), `${area}:${key}`).toEqual(tags(text));
    }
  });
  it('leaves nothing empty or untranslated', () => {
    for (const [key, text] of [...english, ...chinese]) if (!(area === 'errors' && key.endsWith('.todo'))) expect(text.trim(), `${area}:${key}`).not.toBe('');
    // A sentence in Chinese holds at least one Chinese character; names and codes may not.
    for (const [key, text] of chinese) if (text.replaceAll(/\{\{.*?\}\}|<.*?>/g, '').split(/\s+/).filter((w) => /^[a-z]{3,}$/.test(w)).length > 3) expect(text, `${area}:${key}`).toMatch(/\p{Script=Han}/u);
  });
});

describe('errors', () => {
  it.each([['en', en.errors], ['zh-CN', zhCN.errors]] as const)('has exactly the closed set of codes in %s', (_language, errors) => {
    expect(Object.keys(errors).toSorted()).toEqual([...ERROR_CODES].toSorted());
    for (const [code, text] of Object.entries(errors)) if (code !== 'cancelled') expect(text.todo, code).not.toBe('');
  });
});
