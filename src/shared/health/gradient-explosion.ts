/** Gradient norms that stay many times larger than they were. One large gradient is clipped and does no harm. */
import { healthRule, short } from './rule.ts';
import { median, valuesOf } from './series-facts.ts';

export const gradientExplosion = healthRule({
  id: 'gradient-explosion', looksAt: ['grad_norm'], severity: 'bad',
  source: 'Exploding gradients: Pascanu, Mikolov and Bengio (2013); the factor is ours.',
  limits: { factor: 10, window: 20, points: 3 },
  find: ({ grad_norm: norms = [] }, { factor, window, points }) => {
    if (norms.length < points + 10) return null;
    const usual = median(valuesOf(norms.slice(-points - window, -points))), value = median(valuesOf(norms.slice(-points)));
    return usual > 0 && value > factor * usual ? { step: norms.at(-1)!.step, values: { value, usual } } : null;
  },
  say: ({ value, usual }) => `The gradient norm is ${short(value!)}; it was about ${short(usual!)} before.`,
});
