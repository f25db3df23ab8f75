/** The policy's predictions on the probe answers are far from those it began with. */
import { healthRule, short } from './rule.ts';

export const klLimit = healthRule({
  id: 'kl-limit', looksAt: ['probe/kl'], severity: 'warn',
  source: 'Over-optimisation grows with the KL to the start: Gao, Schulman and Hilton (2023). The limit per token is ours.',
  /** Nats per token. */
  limits: { limit: 0.5 },
  find: (series, { limit }) => {
    const last = series['probe/kl']?.at(-1);
    return last !== undefined && last.value > limit ? { step: last.step, values: { value: last.value, limit } } : null;
  },
  say: ({ value, limit }) => `The KL to the reference is ${short(value!)} nats per token on the probe answers, above the limit of ${short(limit!)}.`,
});
