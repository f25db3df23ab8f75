/** The registry of text metrics: one line each. */
import { AnnealError } from '../../../shared/errors.ts';
import { contains } from './contains.ts';
import { exactMatch } from './exact-match.ts';
import type { TextMetric } from './metric.ts';
import { tokenF1 } from './token-f1.ts';

export const TEXT_METRICS = { exact_match: exactMatch, token_f1: tokenF1, contains } as const satisfies Record<string, TextMetric>;
export type TextMetricId = keyof typeof TEXT_METRICS;
const isMetric = (id: string): id is TextMetricId => Object.hasOwn(TEXT_METRICS, id);

/** Throws `recipe-value` for an unknown id. */
export function textMetric(id: string): TextMetric {
  if (!isMetric(id)) throw new AnnealError('recipe-value', `There is no metric "${id.slice(0, 40)}"; known are ${Object.keys(TEXT_METRICS).join(', ')}.`);
  return TEXT_METRICS[id];
}
