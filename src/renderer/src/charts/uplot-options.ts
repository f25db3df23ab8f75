/** How our charts look in uPlot: axes with our ticks, colours from tokens, faint raw line under a strong smoothed one, bands for down-sampled buckets. */
import uPlot from 'uplot';
import type { ChartData, Layer } from './chart-data.ts';
import { token } from './chart-theme.ts';
import { logTicks, niceTicks } from './ticks.ts';

export interface ChartLook { log: boolean; height: number; width: number; syncKey: string | null; formatX: (values: number[]) => string[]; formatY: (values: number[]) => string[]; reference: { value: number } | null; axes: boolean }

const WIDTH: Record<Layer, number> = { 'band-low': 0, 'band-high': 0, raw: 1, smooth: 2, dots: 1.6, dashed: 1.6 };
const ALPHA: Partial<Record<Layer, number>> = { raw: 0.32 };

/** Options for the columns of `data`; rebuilt when the set of columns or the axis kind changes. */
export function uplotOptions(data: ChartData, look: ChartLook, range: () => ChartData | null, onCursor: (u: uPlot) => void): uPlot.Options {
  const font = '11px "Inter Variable", Inter, system-ui, sans-serif';
  const axis = (format: (v: number[]) => string[]): uPlot.Axis => ({ show: look.axes, font, stroke: () => token('faint'), ticks: { show: false }, grid: { stroke: () => token('line-soft'), width: 1 }, values: (_u, splits) => format(splits) });
  const bands: uPlot.Band[] = [];
  data.columns.forEach((c, i) => { if (c.layer === 'band-high') bands.push({ series: [i + 1, i + 2], fill: () => alpha(token(c.tone), 0.14) }); });
  return {
    width: look.width, height: look.height, padding: look.axes ? [14, 26, 0, 0] : [4, 2, 4, 2], legend: { show: false }, bands,
    cursor: {
      x: true, y: false, drag: { x: false, y: false }, points: { size: (_u, i) => (data.columns[i - 1]?.layer.startsWith('band') === true ? 0 : 7), width: 1.5, fill: () => token('panel') },
      ...(look.syncKey === null ? {} : { sync: { key: look.syncKey, scales: ['x', null], setSeries: false } }),
    },
    scales: {
      x: { time: false, range: () => range()?.xRange ?? [0, 1] },
      y: { distr: look.log ? 3 : 1, range: () => range()?.range ?? [0, 1] },
    },
    axes: [
      { ...axis(look.formatX), size: 28, splits: (_u, _i, min, max) => niceTicks(min, max, Math.max(2, Math.round(look.width / 130))), grid: { show: false } },
      { ...axis(look.formatY), size: 54, splits: (_u, _i, min, max) => (look.log ? logTicks(min, max) : niceTicks(min, max, Math.max(2, Math.round(look.height / 42)))) },
    ],
    series: [{}, ...data.columns.map((c): uPlot.Series => ({
      scale: 'y', spanGaps: true, width: WIDTH[c.layer], stroke: () => alpha(token(c.tone), ALPHA[c.layer] ?? 1), ...(c.layer === 'dashed' ? { dash: [5, 4] } : {}),
      points: c.layer === 'dots' ? { show: true, size: 7, width: 1.6, stroke: () => token(c.tone), fill: () => token('panel') } : { show: false },
    }))],
    hooks: { setCursor: [onCursor], draw: [(u) => { drawReference(u, look.reference); }] },
  };
}

function drawReference(u: uPlot, reference: ChartLook['reference']): void {
  const scale = u.scales['y'];
  if (reference === null || scale?.min === undefined || scale.max === undefined || reference.value < scale.min || reference.value > scale.max) return;
  const y = Math.round(u.valToPos(reference.value, 'y', true)) + 0.5;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = token('faint');
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath(); ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); ctx.stroke();
  ctx.restore();
}

/** `#rrggbb` with an opacity. Anything else is returned as it is. */
export function alpha(colour: string, opacity: number): string {
  return opacity < 1 && /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}${Math.round(opacity * 255).toString(16).padStart(2, '0')}` : colour;
}
