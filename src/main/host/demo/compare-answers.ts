/** Base against tuned on the same rows: exact match by task with Wilson intervals, the paired difference with its interval and McNemar's p, and rows to look at. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Demo } from '../../../shared/schema/entities.ts';
import { bootstrapMean, mcnemarExact, wilson } from './paired.ts';

export interface Answer { index: number; task: string; prompt: string; expected: string; text: string }
type Comparison = Pick<Demo, 'scores' | 'difference' | 'examples'>;

/** The name of the row that sums up all tasks; it stands last. */
export const ALL_TASKS = 'all';
const EXAMPLES_PER_TASK = 1;

/** Equal but for white space at the ends and in a row. */
export const exactMatch = (expected: string, text: string): boolean => squeeze(expected) === squeeze(text);
const squeeze = (s: string): string => s.trim().replaceAll(/\s+/g, ' ');

export function compareAnswers(base: readonly Answer[], tuned: readonly Answer[]): Comparison {
  const other = new Map(tuned.map((a) => [a.index, a]));
  const pairs = base.toSorted((a, b) => a.index - b.index).map((b) => {
    const t = other.get(b.index);
    if (!t || t.expected !== b.expected) throw new AnnealError('internal', `The answers of base and tuned do not belong to the same rows (row ${b.index}).`);
    return { ...b, base: b.text, tuned: t.text, baseRight: exactMatch(b.expected, b.text), tunedRight: exactMatch(t.expected, t.text) };
  });
  if (pairs.length !== tuned.length || pairs.length === 0) throw new AnnealError('internal', `The base gave ${base.length} answers and the tuned model ${tuned.length}: they cannot be compared.`);
  const score = (task: string, rows: typeof pairs): Demo['scores'][number] => {
    const n = rows.length, b = rows.filter((r) => r.baseRight).length, t = rows.filter((r) => r.tunedRight).length, base95 = wilson(b, n), tuned95 = wilson(t, n);
    return { task, n, base: b / n, base_low: base95.low, base_high: base95.high, tuned: t / n, tuned_low: tuned95.low, tuned_high: tuned95.high };
  };
  const tasks = [...new Set(pairs.map((p) => p.task))].toSorted((a, b) => a.localeCompare(b));
  const difference = bootstrapMean(pairs.map((p) => Number(p.tunedRight) - Number(p.baseRight)));
  const p = mcnemarExact(pairs.filter((r) => r.baseRight && !r.tunedRight).length, pairs.filter((r) => !r.baseRight && r.tunedRight).length);
  return {
    scores: [...tasks.map((task) => score(task, pairs.filter((r) => r.task === task))), score(ALL_TASKS, pairs)],
    difference: { ...difference, p },
    // The first rows of each task, right or wrong: not the prettiest ones.
    examples: tasks.flatMap((task) => pairs.filter((r) => r.task === task).slice(0, EXAMPLES_PER_TASK)).map(({ task, prompt, expected, base: b, tuned: t }) => ({ task, prompt, expected, base: b, tuned: t })),
  };
}
