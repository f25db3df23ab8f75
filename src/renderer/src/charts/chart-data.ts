/** From lines and controls to what uPlot draws: columns, range, and how many points the clip leaves out. Pure. */
import { columnOf, unionX } from './align.ts';
import type { Column } from './align.ts';
import type { ChartLine, ChartView, Tone } from './chart-line.ts';
import { clipRange, padRange } from './clip-range.ts';
import { ema } from './ema.ts';

export type Layer = 'band-low' | 'band-high' | 'raw' | 'smooth' | 'dots' | 'dashed';
export interface ChartColumn { line: ChartLine; layer: Layer; tone: Tone; values: Column }
export interface ChartData { x: number[]; steps: number[]; columns: ChartColumn[]; range: [number, number]; xRange: [number, number]; outside: number; points: number }

/** Null when no line has a point that can be shown. */
export function chartData(lines: readonly ChartLine[], view: Pick<ChartView, 'log' | 'smooth' | 'clip'>, limits: { xMax?: number; xMin?: number; /** A smaller span than this share of the largest value is widened to it, so that noise does not look like news. */ calm?: number } = {}): ChartData | null {
  const { x, rows } = unionX(lines);
  if (x.length === 0) return null;
  const columns: ChartColumn[] = [];
  const seen: (number | null)[] = [];
  lines.forEach((line, l) => {
    const row = rows[l] as Int32Array;
    const add = (layer: Layer, values: readonly (number | null)[]): void => { columns.push({ line, layer, tone: line.tone, values: columnOf(row, values, view.log) }); };
    if (line.shape === 'dots') { add('dots', line.mean); seen.push(...line.mean); return; }
    const smoothed = view.smooth > 0 && line.mean.length > 1;
    if (hasBand(line)) { add('band-high', line.max); add('band-low', line.min); seen.push(...line.max, ...line.min); }
    else seen.push(...line.mean);
    add(smoothed ? 'raw' : line.dashed === true ? 'dashed' : 'smooth', line.mean);
    if (smoothed) add(line.dashed === true ? 'dashed' : 'smooth', ema(line.steps, line.mean, view.smooth, smoothingUnit(line.steps)));
  });
  const range = clipRange(seen, { clip: view.clip, log: view.log });
  if (range === null) return null;
  const steps = x.map((_, i) => { for (let l = 0; l < rows.length; l++) { const at = rows[l]?.[i] ?? -1; if (at >= 0) return lines[l]?.steps[at] ?? 0; } return 0; });
  const first = limits.xMin ?? x[0] ?? 0, end = Math.max(limits.xMax ?? -Infinity, x.at(-1) ?? 0);
  return { x, steps, columns, range: padRange(...widened(range, view.log ? 0 : limits.calm ?? 0), view.log), xRange: end > first ? [first, end] : [first - 0.5, first + 0.5], outside: range.outside, points: seen.length };
}

function widened({ min, max }: { min: number; max: number }, share: number): [number, number] {
  const missing = share * Math.max(Math.abs(min), Math.abs(max)) - (max - min);
  return missing > 0 ? [min - missing / 2, max + missing / 2] : [min, max];
}

/** Long runs are smoothed over more steps, so that the slider does the same to the eye: a hundredth of the length, at least one step. */
export const smoothingUnit = (steps: readonly number[]): number => Math.max(1, ((steps.at(-1) ?? 0) - (steps[0] ?? 0)) / 100);

/** Down-sampled buckets that span more than one value. */
const hasBand = (line: ChartLine): boolean => line.mean.some((m, i) => (line.max[i] ?? m) > (line.min[i] ?? m));
