/** After many steps the training pairs are ranked no better than by a coin. TRL counts a tie as wrong, so the very first steps are below one half. */
import { healthRule, short } from './rule.ts';
import { mean, squaredError, valuesOf } from './series-facts.ts';

export const atChance = healthRule({
  id: 'at-chance', looksAt: ['rewards/accuracies'], severity: 'warn',
  source: 'Two standard errors around one half over the last logged steps; the number of steps is ours.',
  limits: { steps: 100, points: 50 },
  find: (series, { steps, points }) => {
    const won = series['rewards/accuracies'] ?? [], last = won.at(-1);
    if (last === undefined || last.step < steps || won.length < points) return null;
    const tail = valuesOf(won.slice(-points)), value = mean(tail);
    return value - 0.5 <= 2 * Math.sqrt(squaredError(tail)) ? { step: last.step, values: { value, points } } : null;
  },
  say: ({ value, points }) => `The accuracy on training pairs is ${short(value!)} over the last ${points} logged steps, no better than chance.`,
});
