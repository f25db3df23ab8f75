/** Numbers, sizes, times and dates in the language of the page, through Intl. Sizes are powers of 1000; spans use at most two units. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const NBSP = '\u00a0';

export function formatBytes(bytes: number, locale: string): string {
  let value = bytes, unit = 0;
  while (value >= 999.5 && unit < BYTES.length - 1) { value /= 1000; unit++; }
  return `${formatNumber(value, locale, unit === 0 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 })}${NBSP}${BYTES[unit] ?? ''}`;
}

/** "950", "12.3K", "4.06M", "7.24B": how people name model sizes in every language. */
export function formatCount(n: number, locale: string): string {
  const units = ['', 'K', 'M', 'B', 'T'];
  let value = n, unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) { value /= 1000; unit++; }
  return `${formatNumber(value, locale, { maximumSignificantDigits: 3 })}${units[unit] ?? ''}`;
}

export const formatNumber = (n: number, locale: string, options: Intl.NumberFormatOptions = {}): string => (Number.isFinite(n) ? new Intl.NumberFormat(locale, options).format(n) : '–');
/** A share from 0 to 1. */
export const formatPercent = (share: number, locale: string, digits = 0): string => formatNumber(share, locale, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });

/** "8 sec", "3 min 20 sec", "2 hr 5 min" in words of the language; at most two units, and no false precision. */
export function formatDuration(seconds: number, locale: string): string {
  if (!Number.isFinite(seconds)) return '–';
  const part = (n: number, unit: 'second' | 'minute' | 'hour' | 'day'): string => formatNumber(n, locale, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: n < 10 && unit === 'second' && !Number.isInteger(n) ? 1 : 0 });
  const s = Math.max(0, seconds);
  if (s < 59.5) return part(s < 9.95 ? Math.round(s * 10) / 10 : Math.round(s), 'second');
  const whole = Math.round(s);
  if (whole < 3600) return two(part(Math.floor(whole / 60), 'minute'), whole % 60, () => part(whole % 60, 'second'), locale);
  const minutes = Math.round(s / 60);
  if (minutes < 1440) return two(part(Math.floor(minutes / 60), 'hour'), minutes % 60, () => part(minutes % 60, 'minute'), locale);
  const hours = Math.round(s / 3600);
  return two(part(Math.floor(hours / 24), 'day'), hours % 24, () => part(hours % 24, 'hour'), locale);
}
const two = (big: string, rest: number, small: () => string, locale: string): string => (rest === 0 ? big : locale.startsWith('zh') ? `${big}${small()}` : `${big} ${small()}`);

/** "just now", "5 min. ago", "yesterday"; a date when it is older than a week. */
export function formatAgo(time: number, now: number, locale: string): string {
  const s = (time - now) / 1000, relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (s > -45) return relative.format(0, 'second');
  if (s > -2700) return relative.format(Math.round(s / 60), 'minute');
  if (s > -79_200) return relative.format(Math.round(s / 3600), 'hour');
  if (s > -604_800) return relative.format(Math.min(-1, Math.round(s / 86_400)), 'day');
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(time);
}
export const formatDateTime = (time: number, locale: string): string => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
export const formatClock = (time: number, locale: string): string => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(time);

export interface Format {
  locale: string;
  bytes: (n: number) => string; count: (n: number) => string; number: (n: number, options?: Intl.NumberFormatOptions) => string; percent: (share: number, digits?: number) => string;
  duration: (seconds: number) => string; ago: (time: number) => string; dateTime: (time: number) => string; clock: (time: number) => string; list: (items: readonly string[]) => string;
}
export function makeFormat(locale: string): Format {
  return {
    locale, bytes: (n) => formatBytes(n, locale), count: (n) => formatCount(n, locale), number: (n, options) => formatNumber(n, locale, options), percent: (share, digits) => formatPercent(share, locale, digits),
    duration: (s) => formatDuration(s, locale), ago: (time) => formatAgo(time, Date.now(), locale), dateTime: (time) => formatDateTime(time, locale), clock: (time) => formatClock(time, locale),
    list: (items) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
  };
}
export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => makeFormat(i18n.language), [i18n.language]);
}
