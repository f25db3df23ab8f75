/** What a chart draws. Arrays are parallel and in the order of steps; `x` is in the unit that the axis shows. */
import type { Series } from '../../../shared/contract.ts';

export type Tone = 'ember' | 'steel' | 'good' | 'warn' | 'violet' | 'bad' | 'muted';
export interface ChartLine {
  id: string; label: string; tone: Tone;
  /** `dots`: rare points, joined, never smoothed. */
  shape: 'line' | 'dots';
  dashed?: boolean;
  steps: readonly number[]; x: readonly number[]; mean: readonly number[]; min: readonly number[]; max: readonly number[];
}
export type XUnit = 'step' | 'tokens' | 'epoch' | 'seconds';
export const X_UNITS: readonly XUnit[] = ['step', 'tokens', 'epoch', 'seconds'];
/** The controls that stand on every chart. */
export interface ChartView { x: XUnit; log: boolean; smooth: number; clip: boolean }
export const DEFAULT_VIEW: ChartView = { x: 'step', log: false, smooth: 0.6, clip: true };

export const lineOf = (series: Series, look: Pick<ChartLine, 'id' | 'label' | 'tone' | 'shape' | 'dashed'>): ChartLine => ({ ...look, steps: series.steps, x: series.x, mean: series.mean, min: series.min, max: series.max });
