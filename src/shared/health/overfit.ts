/** Held-out pairs are ranked worse than before while training pairs are ranked better. */
import { healthRule, short } from './rule.ts';
import { mean, valuesOf } from './series-facts.ts';

export const overfit = healthRule({
  id: 'overfit', looksAt: ['rewards/accuracies', 'eval_rewards/accuracies'], severity: 'warn',
  source: 'Best held-out value against the last one; the threshold is ours.',
  limits: { fall: 0.03, points: 10 },
  find: (series, { fall, points }) => {
    const held = series['eval_rewards/accuracies'] ?? [], last = held.at(-1), train = series['rewards/accuracies'] ?? [];
    if (last === undefined || held.length < 2) return null;
    const best = held.reduce((a, b) => (b.value > a.value ? b : a));
    const then = train.filter((p) => p.step <= best.step).slice(-points), now = train.filter((p) => p.step <= last.step).slice(-points);
    if (best.value - last.value < fall || then.length < 3 || now.length < 3 || mean(valuesOf(now)) <= mean(valuesOf(then))) return null;
    return { step: last.step, values: { best: best.value, bestStep: best.step, last: last.value, train: mean(valuesOf(now)) } };
  },
  say: ({ best, bestStep, last, train }) => `The accuracy on held-out pairs fell from ${short(best!)} at step ${bestStep} to ${short(last!)} while that on training pairs rose to ${short(train!)}.`,
});
