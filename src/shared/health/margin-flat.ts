/** The margin has not moved after many steps: nothing is learned from the pairs. */
import { healthRule, short } from './rule.ts';
import { change } from './series-facts.ts';

export const marginFlat = healthRule({
  id: 'margin-flat', looksAt: ['rewards/margins'], severity: 'warn',
  source: 'Two standard errors between the first and the last fifth of the logged margins; the number of steps is ours.',
  limits: { least: 50 },
  find: (series, { least }) => {
    const margin = change(series['rewards/margins'], least);
    return margin !== null && margin.direction !== 'up' ? { step: margin.step, values: { from: margin.from, to: margin.to } } : null;
  },
  say: ({ from, to }) => `The margin does not grow: ${short(from!)} at first, ${short(to!)} now.`,
});
