/** A logged loss far above those before it. */
import { healthRule, short } from './rule.ts';
import { median, robustDeviation, valuesOf } from './series-facts.ts';

export const lossSpike = healthRule({
  id: 'loss-spike', looksAt: ['loss'], severity: 'bad',
  source: 'Outliers by median and MAD: Iglewicz and Hoaglin (1993); the thresholds are ours.',
  /** `deviations` of the window before it, and at least the share `rise` of its median and `start` of the first losses. The spike is among the last `recent` points. */
  limits: { deviations: 6, rise: 0.5, start: 0.25, window: 20, recent: 5 },
  find: ({ loss = [] }, { deviations, rise, start, window, recent }) => {
    if (loss.length < 11) return null;
    const first = Math.abs(median(valuesOf(loss.slice(0, 5))));
    for (let i = loss.length - 1; i >= Math.max(10, loss.length - recent); i--) {
      const before = valuesOf(loss.slice(Math.max(0, i - window), i)), usual = median(before), point = loss[i]!;
      if (point.value - usual > Math.max(deviations * robustDeviation(before), rise * Math.abs(usual), start * first)) return { step: point.step, values: { value: point.value, usual } };
    }
    return null;
  },
  say: ({ value, usual }) => `The loss jumped to ${short(value!)}; it was about ${short(usual!)} before.`,
});
