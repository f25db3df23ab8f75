/** Base against tuned on the same rows: exact match by task with Wilson intervals, the paired difference with its interval and McNemar's p, and rows to look at. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Demo } from '../../../shared/schema/entities.ts';
import { exactMatch } from '../../eval/metrics/exact-match.ts';
import { wilson } from '../../eval/statistics/intervals.ts';
import { mcnemar } from '../../eval/statistics/mcnemar.ts';
import { pairedBootstrap } from '../../eval/statistics/paired-bootstrap.ts';

export interface Answer { index: number; task: string; prompt: string; expected: string; text: string }
type Comparison = Pick<Demo, 'scores' | 'difference' | 'examples'>;

/** The name of the row that sums up all tasks; it stands last. */
export const ALL_TASKS = 'all';
const EXAMPLES_PER_TASK = 1;

const right = (expected: string, text: string): number => exactMatch.score(text, [expected]);

export function compareAnswers(base: readonly Answer[], tuned: readonly Answer[]): Comparison {
  const other = new Map(tuned.map((a) => [a.index, a]));
  const pairs = base.toSorted((a, b) => a.index - b.index).map((b) => {
    const t = other.get(b.index);
    if (!t || t.expected !== b.expected) throw new AnnealError('internal', `The answers of base and tuned do not belong to the same rows (row ${b.index}).`);
    return { ...b, base: b.text, tuned: t.text, baseRight: right(b.expected, b.text), tunedRight: right(t.expected, t.text) };
  });
  if (pairs.length !== tuned.length || pairs.length === 0) throw new AnnealError('internal', `The base gave ${base.length} answers and the tuned model ${tuned.length}: they cannot be compared.`);
  const score = (task: string, rows: typeof pairs): Demo['scores'][number] => {
    const n = rows.length, b = rows.reduce((k, r) => k + r.baseRight, 0), t = rows.reduce((k, r) => k + r.tunedRight, 0), base95 = wilson(b, n), tuned95 = wilson(t, n);
    return { task, n, base: b / n, base_low: base95.low, base_high: base95.high, tuned: t / n, tuned_low: tuned95.low, tuned_high: tuned95.high };
  };
  const tasks = [...new Set(pairs.map((p) => p.task))].toSorted((a, b) => a.localeCompare(b));
  const tunedRight = pairs.map((p) => p.tunedRight), baseRight = pairs.map((p) => p.baseRight);
  const { difference: mean, low, high } = pairedBootstrap(tunedRight, baseRight), { p } = mcnemar(tunedRight, baseRight, 'exact');
  return {
    scores: [...tasks.map((task) => score(task, pairs.filter((r) => r.task === task))), score(ALL_TASKS, pairs)],
    difference: { mean, low, high, p },
    // The first rows of each task, right or wrong: not the prettiest ones.
    examples: tasks.flatMap((task) => pairs.filter((r) => r.task === task).slice(0, EXAMPLES_PER_TASK)).map(({ task, prompt, expected, base: b, tuned: t }) => ({ task, prompt, expected, base: b, tuned: t })),
  };
}
