/** Numbers as people read them, in both languages. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAgo, formatBytes, formatCount, formatDuration, formatPercent } from '../../src/renderer/src/i18n/format.ts';
import { pickLanguage } from '../../src/renderer/src/i18n/languages.ts';
import { parseNumber, writeNumber } from '../../src/renderer/src/ui/number-field.tsx';

const plain = (s: string): string => s.replaceAll('\u00a0', ' ');

describe('sizes', () => {
  it('uses powers of 1000 and three digits', () => {
    expect([0, 999, 1000, 999_499, 999_500, 8_431_104, 24e9].map((n) => plain(formatBytes(n, 'en')))).toEqual(['0 B', '999 B', '1 kB', '999 kB', '1 MB', '8.43 MB', '24 GB']);
  });
  it('never shows more than three digits before its unit', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 9e14 }), (n) => Number(formatBytes(n, 'en').split('\u00a0')[0]?.replaceAll(',', '')) < 1000));
  });
  it('names model sizes', () => { expect([950, 12_345, 4_212_480, 134_515_008, 7.24e9].map((n) => formatCount(n, 'zh-CN'))).toEqual(['950', '12.3K', '4.21M', '135M', '7.24B']); });
});

describe('spans', () => {
  it('uses at most two units', () => {
    expect([0.44, 8, 59.4, 60, 221, 3599.6, 3700, 90_000].map((s) => formatDuration(s, 'en'))).toEqual(['0.4 sec', '8 sec', '59 sec', '1 min', '3 min 41 sec', '1 hr', '1 hr 2 min', '1 day 1 hr']);
    expect(formatDuration(221, 'zh-CN').replaceAll(/\s/g, '')).toBe('3分钟41秒');
  });
  it('is a dash for what is no number, and never negative', () => { expect(formatDuration(NaN, 'en')).toBe('–'); expect(formatDuration(-4, 'en')).toBe('0 sec'); });
  it('says when something was', () => {
    const now = Date.UTC(2026, 10, 22, 12);
    expect(formatAgo(now - 10_000, now, 'en')).toBe('now');
    expect(formatAgo(now - 5 * 60_000, now, 'en')).toBe('5 min. ago');
    expect(formatAgo(now - 86_400_000, now, 'en')).toBe('yesterday');
    expect(formatAgo(now - 30 * 86_400_000, now, 'en')).toContain('2026');
  });
});

describe('shares', () => { it('keeps the digits that were asked for', () => { expect(formatPercent(0.8025, 'en', 1)).toBe('80.3%'); expect(formatPercent(1, 'en')).toBe('100%'); }); });

describe('typed numbers', () => {
  it('takes scientific notation and a decimal comma', () => { expect([' 2e-4', '0,5', '1E+3', '.25'].map(parseNumber)).toEqual([2e-4, 0.5, 1000, 0.25]); });
  it('refuses what is not yet a number', () => { for (const text of ['', '-', '1e', '1e999', '0x10', 'abc', '1 000', 'Infinity']) expect(parseNumber(text), text).toBeUndefined(); });
  it('reads back what it writes', () => { fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => parseNumber(writeNumber(n)) === n)); });
});

describe('language', () => {
  it('follows the setting, then the system, then English', () => {
    expect(pickLanguage('zh-CN', ['en'])).toBe('zh-CN');
    expect(pickLanguage('system', ['fr-FR', 'zh-Hans-SG', 'en'])).toBe('zh-CN');
    expect(pickLanguage('system', ['en-GB'])).toBe('en');
    expect(pickLanguage('system', ['fr'])).toBe('en');
  });
});
