/** What a health rule is: a pure look at the curves of a run. The same rules speak in the window and, over arriving metrics, in the host, where they can pause a run. */
import type { MetricId } from '../metrics.ts';

export interface Point { step: number; value: number }
/** Points by metric, steps rising, all finite. */
export type HealthSeries = Partial<Record<MetricId, readonly Point[]>>;
/** `fact`: good to know; `warn`: worth a look; `bad`: act. */
export type Severity = 'fact' | 'warn' | 'bad';
/** What was found: the step that it rests on and the numbers for its sentence. */
export interface Found { step: number; values: Readonly<Record<string, number>> }

export interface HealthRule<P extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> {
  id: string;
  looksAt: readonly MetricId[];
  severity: Severity;
  /** Where the rule or its thresholds come from. */
  source: string;
  /** Thresholds, each changeable in a recipe under health.limits. */
  limits: P;
  /** Null: it does not hold now, or there are too few points to say. */
  find: (series: HealthSeries, limits: P) => Found | null;
  /** One English sentence for the log; the window has its words in i18n `health`. */
  say: (values: Readonly<Record<string, number>>) => string;
}

/** Keeps the types of a rule's own limits while it is written; in the list every rule takes plain numbers. */
export function healthRule<const I extends string, P extends Readonly<Record<string, number>>>(rule: HealthRule<P> & { id: I }): HealthRule & { id: I } {
  return { ...rule, find: (series, limits) => rule.find(series, { ...rule.limits, ...limits }) };
}

export const short = (n: number): string => String(Number(n.toPrecision(3)));
