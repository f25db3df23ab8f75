/** The alignment part of the demo as text. */
import type { DemoAlignment } from '../../shared/schema/demo-alignment.ts';
import { table } from './table.ts';

type Share = DemoAlignment['categories'][number]['win_rate'];
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const interval = ({ low, high }: { low: number; high: number }): string => `${percent(low)} to ${percent(high)}`;
const versusChance = ({ low, high }: Share): string => (low > 0.5 ? 'above chance' : high < 0.5 ? 'below chance' : 'not told from chance');

export function alignmentReport({ categories, exact_match: exact, exact_match_change: change }: DemoAlignment): string {
  const text = table(
    ['category', 'pairs', 'ranked right', '95 % interval', 'wins', '95 % interval', 'ties', 'good answers before', 'after', '95 % interval'],
    categories.map((c) => [c.task, String(c.n), percent(c.reward_accuracy.value), interval(c.reward_accuracy), percent(c.win_rate.value), interval(c.win_rate), String(c.ties), percent(c.passed_before.value), percent(c.passed_after.value), interval(c.passed_after)]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  const all = categories.at(-1);
  const lines = all === undefined ? [] : [
    `Held-out pairs ranked right by the reward (log-ratio to the fine-tuned model; 50 % before by construction): ${percent(all.reward_accuracy.value)}, ${interval(all.reward_accuracy)}: ${versusChance(all.reward_accuracy)}.`,
    `By log-probability per token: ${percent(all.likelihood_before.value)} before (${interval(all.likelihood_before)}), ${percent(all.likelihood_after.value)} after (${interval(all.likelihood_after)}).`,
    `Answers of the aligned model against the fine-tuned one's, by the rules of the judge of manners, ties counted half: ${percent(all.win_rate.value)}, ${interval(all.win_rate)}: ${versusChance(all.win_rate)}.`,
  ];
  return `Aligned against fine-tuned on held-out pairs\n\n${text}\n\n${lines.join('\n')}\nExact match of fine-tuning, asked again: ${percent(exact.value)} (${interval(exact)}) of ${exact.n} rows; change ${percent(change.mean)} (${interval(change)}).`;
}
