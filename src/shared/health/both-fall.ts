/** Chosen and rejected answers both become less likely while the distance between them grows: what DPO usually does. */
import { healthRule, short } from './rule.ts';
import { change } from './series-facts.ts';

export const bothFall = healthRule({
  id: 'both-fall', looksAt: ['rewards/chosen', 'rewards/rejected', 'rewards/margins'], severity: 'fact',
  source: 'Rafailov et al., From r to Q* (2024); Pal et al. (2024).',
  limits: { least: 20 },
  find: (series, { least }) => {
    const chosen = change(series['rewards/chosen'], least), rejected = change(series['rewards/rejected'], least), margin = change(series['rewards/margins'], least);
    if (chosen?.direction !== 'down' || rejected?.direction !== 'down' || margin?.direction !== 'up') return null;
    return { step: chosen.step, values: { chosen: chosen.to, rejected: rejected.to, margin: margin.to } };
  },
  say: ({ chosen, rejected, margin }) => `Both log-probabilities fall while the margin grows: rewards ${short(chosen!)} and ${short(rejected!)}, margin ${short(margin!)}. Usual for DPO; watch the KL.`,
});
