/** Every pair is already ranked right, and training goes on to push the chosen answers down. Rewards are beta times the log-probability ratio (the log-probability, where a method has no reference), so their fall is the log-probability's without the noise of which rows a batch holds. */
import { healthRule, short } from './rule.ts';
import { change, mean, valuesOf } from './series-facts.ts';

export const saturated = healthRule({
  id: 'saturated', looksAt: ['rewards/accuracies', 'rewards/chosen'], severity: 'warn',
  source: 'DPO can lower the chosen log-probability: Pal et al. (2024), Razin et al. (2024). The thresholds are ours.',
  limits: { accuracy: 0.99, points: 10, least: 20 },
  find: (series, { accuracy, points, least }) => {
    const won = series['rewards/accuracies'] ?? [], chosen = change(series['rewards/chosen'], least);
    if (won.length < Math.max(points, least) || chosen?.direction !== 'down') return null;
    const value = mean(valuesOf(won.slice(-points)));
    return value >= accuracy ? { step: chosen.step, values: { accuracy: value, from: chosen.from, to: chosen.to } } : null;
  },
  say: ({ accuracy, from, to }) => `The training pairs are ranked right (accuracy ${short(accuracy!)}) while the reward of the chosen answers falls from ${short(from!)} to ${short(to!)}.`,
});
