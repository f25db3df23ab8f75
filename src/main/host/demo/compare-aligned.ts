/** Before against after alignment on the same pairs: how often the preferred answer is ranked higher, how often the judge of manners prefers the aligned model's answer, by category, each with a 95 % interval. */
import { AnnealError } from '../../../shared/errors.ts';
import type { DemoAlignment } from '../../../shared/schema/demo-alignment.ts';
import { judgeManners, preferManners } from '../../eval/judge/manners.ts';
import { wilson } from '../../eval/statistics/intervals.ts';
import type { Answer } from './compare-answers.ts';
import { ALL_TASKS } from './compare-answers.ts';

/** Log-probability sums of one pair under one model, in nats. */
export interface PairScore { index: number; chosen: number; rejected: number; chosen_tokens: number; rejected_tokens: number }
export interface AlignedSide { pairs: readonly PairScore[]; answers: readonly Answer[] }
type Comparison = Pick<DemoAlignment, 'categories' | 'examples'>;

const EXAMPLES_PER_CATEGORY = 2;
/** Is the first number larger; equal counts half. */
const above = (a: number, b: number): number => (a > b ? 1 : a < b ? 0 : 0.5);
const perToken = (sum: number, tokens: number): number => sum / Math.max(1, tokens);

export function compareAligned(before: AlignedSide, after: AlignedSide): Comparison {
  const scoresBefore = new Map(before.pairs.map((p) => [p.index, p])), scoresAfter = new Map(after.pairs.map((p) => [p.index, p])), answersAfter = new Map(after.answers.map((a) => [a.index, a]));
  const rows = before.answers.toSorted((a, b) => a.index - b.index).map((answer) => {
    const other = answersAfter.get(answer.index), b = scoresBefore.get(answer.index), a = scoresAfter.get(answer.index);
    if (!other || !b || !a || other.expected !== answer.expected) throw new AnnealError('internal', `What was measured before and after alignment does not belong to the same pairs (row ${answer.index}).`);
    return {
      task: answer.task, prompt: answer.prompt, expected: answer.expected, before: answer.text, after: other.text,
      // Policy to reference: the fine-tuned model is the reference, so before alignment every ratio is 1 and this is a coin.
      reward: above(a.chosen - b.chosen, a.rejected - b.rejected),
      likelihoodBefore: above(perToken(b.chosen, b.chosen_tokens), perToken(b.rejected, b.rejected_tokens)),
      likelihoodAfter: above(perToken(a.chosen, a.chosen_tokens), perToken(a.rejected, a.rejected_tokens)),
      won: preferManners(answer.task, answer.expected, other.text, answer.text),
      passedBefore: Number(judgeManners(answer.task, answer.expected, answer.text).passed), passedAfter: Number(judgeManners(answer.task, answer.expected, other.text).passed),
    };
  });
  if (rows.length === 0 || rows.length !== after.answers.length || rows.length !== before.pairs.length || rows.length !== after.pairs.length) throw new AnnealError('internal', 'Before and after alignment another number of pairs was measured: they cannot be compared.');
  const category = (task: string, part: typeof rows): Comparison['categories'][number] => {
    const share = (of: (row: (typeof rows)[number]) => number) => {
      const sum = part.reduce((n, row) => n + of(row), 0), { low, high } = wilson(sum, part.length);
      return { value: sum / part.length, low, high };
    };
    return {
      task, n: part.length, reward_accuracy: share((r) => r.reward), likelihood_before: share((r) => r.likelihoodBefore), likelihood_after: share((r) => r.likelihoodAfter),
      win_rate: share((r) => r.won), ties: part.filter((r) => r.won === 0.5).length, passed_before: share((r) => r.passedBefore), passed_after: share((r) => r.passedAfter),
    };
  };
  const tasks = [...new Set(rows.map((r) => r.task))].toSorted((a, b) => a.localeCompare(b));
  return {
    categories: [...tasks.map((task) => category(task, rows.filter((r) => r.task === task))), category(ALL_TASKS, rows)],
    // The first rows of each category, better or worse: not the prettiest ones.
    examples: tasks.flatMap((task) => rows.filter((r) => r.task === task).slice(0, EXAMPLES_PER_CATEGORY)).map(({ task, prompt, expected, before: b, after: a }) => ({ task, prompt, expected, before: b, after: a })),
  };
}
