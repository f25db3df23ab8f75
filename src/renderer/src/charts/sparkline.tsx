/** A curve the size of a word: the shape of a metric, no axes. Decoration beside its number, so it is hidden from screen readers unless given a label. */
import { memo } from 'react';
import type { Tone } from './chart-line.ts';

export interface SparklineProps { values: readonly number[]; tone?: Tone; width?: number; height?: number; label?: string; stretch?: boolean }

export const Sparkline = memo(function Sparkline({ values, tone = 'ember', width = 120, height = 28, label, stretch = false }: SparklineProps) {
  const path = sparkPath(values, width, height);
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} {...(stretch ? { preserveAspectRatio: 'none', 'data-stretch': true } : { width, height })} {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}>
      {path !== '' && <path d={path} fill="none" stroke={`var(--${tone})`} strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" vectorEffect="non-scaling-stroke" />}
    </svg>
  );
});

/** SVG path through the finite values; empty below two of them. A constant is drawn in the middle. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  const points = values.filter(Number.isFinite);
  if (points.length < 2) return '';
  const low = Math.min(...points), high = Math.max(...points), span = high - low;
  const pad = 2;
  return points.map((v, i) => {
    const x = pad + (i / (points.length - 1)) * (width - 2 * pad);
    const y = span > 0 ? pad + (1 - (v - low) / span) * (height - 2 * pad) : height / 2;
    return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join('');
}
