/** Probe answers repeat themselves more than before training. */
import { healthRule, short } from './rule.ts';
import { ends } from './series-facts.ts';

export const repetitionRising = healthRule({
  id: 'repetition-rising', looksAt: ['probe/repetition', 'probe/loops'], severity: 'warn',
  source: 'Repeated 4-grams (seq-rep-4): Welleck et al. (2020); the thresholds are ours.',
  /** Rise of the repeated 4-grams, or of the share of answers that end in a loop. */
  limits: { rise: 0.1, loops: 0.2 },
  find: (series, { rise, loops }) => {
    const grams = ends(series['probe/repetition']), looped = ends(series['probe/loops']);
    const more = grams !== null && grams.last.value - grams.first.value >= rise, round = looped !== null && looped.last.value - looped.first.value >= loops;
    if (grams === null || (!more && !round)) return null;
    return { step: grams.last.step, values: { from: grams.first.value, to: grams.last.value, loops: looped?.last.value ?? 0 } };
  },
  say: ({ from, to, loops }) => `Repetition in the probe answers rose from ${short(from!)} to ${short(to!)}; a share of ${short(loops!)} ends in a loop.`,
});
