/** The policy has become far more certain of its own answers than it was. */
import { healthRule, short } from './rule.ts';
import { ends } from './series-facts.ts';

export const entropyCollapse = healthRule({
  id: 'entropy-collapse', looksAt: ['probe/entropy'], severity: 'warn',
  source: 'Entropy as what training spends: Cui et al. (2025); the share is ours.',
  /** Below this share of the entropy before training, where that was at least `least` nats. */
  limits: { share: 0.3, least: 0.05 },
  find: (series, { share, least }) => {
    const e = ends(series['probe/entropy']);
    return e !== null && e.first.value >= least && e.last.value < share * e.first.value ? { step: e.last.step, values: { from: e.first.value, to: e.last.value } } : null;
  },
  say: ({ from, to }) => `The entropy on the probe answers fell from ${short(from!)} to ${short(to!)} nats per token.`,
});
