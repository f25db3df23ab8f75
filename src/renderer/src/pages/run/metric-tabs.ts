/** The metrics that the main chart can show, each with its lines. */
import type { Series } from '../../../../shared/contract.ts';
import { METHODS } from '../../../../shared/methods/index.ts';
import type { MethodId } from '../../../../shared/methods/index.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import { lineOf } from '../../charts/chart-line.ts';
import type { ChartLine, Tone } from '../../charts/chart-line.ts';
import type { ValueKind } from '../../charts/use-chart-format.ts';

export type TabId = 'loss' | 'accuracy' | 'preferred' | 'margin' | 'lr' | 'grad' | 'speed' | 'memory';
export interface MetricTab { id: TabId; train: MetricId; heldOut?: MetricId; tone: Tone; kind: ValueKind; smoothing: boolean }
const ALL_TABS: readonly MetricTab[] = [
  { id: 'loss', train: 'loss', heldOut: 'eval_loss', tone: 'ember', kind: 'plain', smoothing: true },
  { id: 'preferred', train: 'rewards/accuracies', heldOut: 'eval_rewards/accuracies', tone: 'good', kind: 'ratio', smoothing: true },
  { id: 'preferred', train: 'accuracy', heldOut: 'eval_accuracy', tone: 'good', kind: 'ratio', smoothing: true },
  { id: 'margin', train: 'rewards/margins', heldOut: 'eval_rewards/margins', tone: 'good', kind: 'plain', smoothing: true },
  { id: 'margin', train: 'margin', heldOut: 'eval_margin', tone: 'good', kind: 'plain', smoothing: true },
  { id: 'accuracy', train: 'mean_token_accuracy', heldOut: 'eval_mean_token_accuracy', tone: 'good', kind: 'ratio', smoothing: true },
  { id: 'lr', train: 'learning_rate', tone: 'violet', kind: 'plain', smoothing: false },
  { id: 'grad', train: 'grad_norm', tone: 'steel', kind: 'plain', smoothing: true },
  { id: 'speed', train: 'tokens_per_second', tone: 'ember', kind: 'rate', smoothing: true },
  { id: 'memory', train: 'rss', tone: 'steel', kind: 'bytes', smoothing: false },
];
/** Those that the method measures in training and, where a second line belongs to it, on held-out rows. */
export function tabsOf(method: MethodId): readonly MetricTab[] {
  const measured: readonly MetricId[] = METHODS[method].metrics;
  return ALL_TABS.filter((tab) => measured.includes(tab.train) && (tab.heldOut === undefined || measured.includes(tab.heldOut)));
}
/** Where the axis of steps ends: at the last step, but while a run is young at four times what it has, so that its first steps are more than a stripe. */
export const lastStepShown = (run: { step: number; total_steps: number }): number | undefined => (run.total_steps > 0 ? Math.min(run.total_steps, Math.max(10, 4 * run.step)) : undefined);
/** Charts of one run share a crosshair. */
export const crosshairOf = (run: { id: string }): string => `run-${run.id}`;
export const tabOf = (id: TabId, method: MethodId): MetricTab => tabsOf(method).find((t) => t.id === id) ?? (ALL_TABS[0] as MetricTab);
export const namesOf = (tab: MetricTab): MetricId[] => [tab.train, ...(tab.heldOut === undefined ? [] : [tab.heldOut])];

export function linesOf(tab: MetricTab, series: Readonly<Record<string, Series>>, words: { train: string; heldOut: string; own: string }): ChartLine[] {
  const train = series[tab.train], held = tab.heldOut === undefined ? undefined : series[tab.heldOut];
  return [
    ...(train && train.steps.length > 0 ? [lineOf(train, { id: tab.train, label: tab.heldOut === undefined ? words.own : words.train, tone: tab.tone, shape: 'line' })] : []),
    ...(held && tab.heldOut !== undefined && held.steps.length > 0 ? [lineOf(held, { id: tab.heldOut, label: words.heldOut, tone: tab.tone === 'steel' ? 'violet' : 'steel', shape: 'dots' })] : []),
  ];
}
