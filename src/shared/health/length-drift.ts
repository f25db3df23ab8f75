/** Probe answers that became much longer or shorter than before training. */
import { healthRule, short } from './rule.ts';
import { ends } from './series-facts.ts';

export const lengthDrift = healthRule({
  id: 'length-drift', looksAt: ['probe/length'], severity: 'warn',
  source: 'Preferences often reward length: Singhal et al. (2023), Park et al. (2024). The ratio is ours.',
  /** Longer by `ratio` or shorter by 1 / ratio, and by at least `tokens`. */
  limits: { ratio: 1.5, tokens: 8 },
  find: (series, { ratio, tokens }) => {
    const e = ends(series['probe/length']);
    if (e === null) return null;
    const { first, last } = e, more = last.value / Math.max(first.value, 1e-9);
    return Math.abs(last.value - first.value) >= tokens && (more >= ratio || more <= 1 / ratio) ? { step: last.step, values: { from: first.value, to: last.value } } : null;
  },
  say: ({ from, to }) => `The probe answers went from ${short(from!)} to ${short(to!)} tokens.`,
});
