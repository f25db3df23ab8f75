/** Numbers of a chart in the language of the page: axis ticks, readouts, the words for its layers. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChartColumn } from './chart-data.ts';
import type { XUnit } from './chart-line.ts';
import { tickDigits } from './ticks.ts';

export type ValueKind = 'plain' | 'ratio' | 'small' | 'bytes' | 'rate' | 'seconds';
export interface ChartFormat { locale: string; value: (v: number) => string; xTicks: (v: number[]) => string[]; yTicks: (v: number[]) => string[]; at: (x: number, step: number) => string; layer: (column: ChartColumn, smooth: number) => string; x: (v: number) => string }

/** A measured value with about four significant digits; exponents only where a decimal would be unreadable. */
export function formatMetric(v: number, kind: ValueKind, locale: string): string {
  if (!Number.isFinite(v)) return '–';
  const size = Math.abs(v);
  const fixed = (n: number): string => new Intl.NumberFormat(locale, { minimumFractionDigits: n, maximumFractionDigits: n }).format(v);
  if (kind === 'bytes') return formatScaled(v, locale);
  if (kind === 'ratio') return fixed(3);
  if (size !== 0 && size < 1e-3) return v.toExponential(2).replace('e-', 'e\u2212').replace('-', '\u2212');
  if (size >= 1000) return fixed(0);
  return fixed(size >= 100 ? 1 : size >= 10 ? 2 : kind === 'small' ? 5 : 3);
}

const BYTES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
function formatScaled(v: number, locale: string): string {
  let value = v, unit = 0;
  while (Math.abs(value) >= 999.5 && unit < BYTES.length - 1) { value /= 1000; unit++; }
  return `${new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(value)} ${BYTES[unit] ?? ''}`;
}

export function formatTicks(ticks: number[], kind: ValueKind, locale: string): string[] {
  if (kind === 'bytes') return ticks.map((t) => formatScaled(t, locale));
  const biggest = Math.max(...ticks.map(Math.abs), 0);
  if (biggest > 0 && biggest < 1e-3) return ticks.map((t) => (t === 0 ? '0' : t.toExponential(1).replace('.0', '').replace('-', '\u2212')));
  if (biggest >= 100_000) { const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 }); return ticks.map((t) => compact.format(t)); }
  const digits = tickDigits(ticks);
  const f = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return ticks.map((t) => f.format(t));
}

export function useChartFormat(kind: ValueKind, unit: XUnit): ChartFormat {
  const { t, i18n } = useTranslation('run');
  const locale = i18n.language;
  return useMemo(() => {
    const number = new Intl.NumberFormat(locale, { maximumFractionDigits: unit === 'epoch' ? 2 : unit === 'seconds' ? 1 : 0 });
    const clock = (s: number): string => (s >= 3600 ? `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, '0')}:${String(Math.floor(s) % 60).padStart(2, '0')}` : `${Math.floor(s / 60)}:${String(Math.floor(s) % 60).padStart(2, '0')}`);
    const x = (v: number): string => (unit === 'seconds' ? clock(v) : number.format(v));
    const stepOnly = new Intl.NumberFormat(locale);
    return {
      locale, x,
      value: (v) => formatMetric(v, kind, locale),
      xTicks: (ticks) => (unit === 'seconds' && (ticks.at(-1) ?? 0) >= 60 ? ticks.map(clock) : formatTicks(ticks, 'plain', locale)),
      yTicks: (ticks) => formatTicks(ticks, kind, locale),
      at: (v, step) => (unit === 'step' ? t('chart.atStep', { step: stepOnly.format(step) }) : t(`chart.at.${unit}`, { step: stepOnly.format(step), value: x(v) })),
      layer: ({ line: { label, mean }, layer }, smooth) => (layer === 'raw' ? t('chart.raw', { label }) : layer === 'smooth' && smooth > 0 && mean.length > 1 ? t('chart.smoothed', { label }) : label),
    };
  }, [t, kind, unit, locale]);
}
