/** ORPO: likelihood of the chosen answer plus the log odds ratio between the answers (spec/alignment.md 7). No reference. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import { meanOf } from './completions.ts';
import { exampleSegments } from './example-segments.ts';
import { log1mexp, logSigmoid } from './log-sigmoid.ts';
import type { ConfigOf, EngineMethod, Measure } from './method.ts';
import { pairMetrics } from './pair-metrics.ts';

export const orpo: EngineMethod<ConfigOf<'orpo'>> = {
  id: 'orpo',
  normalisation: 'examples',
  roles: ['chosen', 'rejected'],
  head: 'log-probabilities',
  averaging: 'batches',
  segments: (row, { nll_on_prompt: prompt }) => exampleSegments(row, prompt ? { promptLossesFor: 0 } : {}),
  loss: ({ tokens, completions: c, config }) => {
    const mean = (role: string): Value => o.div(c.logp(role), o.maximum(c.length(role), 1));
    // Padding has length 0; half stands in, so that its logarithms are finite.
    const real = (x: Value): Value => o.where(o.greater(c.exists, 0.5), x, -0.7);
    const [chosen, rejected] = [real(mean('chosen')), real(mean('rejected'))];
    const odds = o.sub(o.sub(chosen, rejected), o.sub(log1mexp(chosen), log1mexp(rejected)));
    const ratio = logSigmoid(odds);
    const nll: Measure = { sum: o.neg(o.reduceSum(c.totalWithPrompt('chosen', tokens.logp))), count: o.reduceSum(c.totalWithPrompt('chosen', tokens.valid)) };
    return {
      loss: o.sub(o.mul(meanOf(nll), c.share), o.mul(o.reduceSum(o.mul(ratio, c.scale)), config.beta)),
      metrics: {
        ...pairMetrics(c, tokens, { chosen: o.mul(chosen, config.beta), rejected: o.mul(rejected, config.beta) }, { chosen, rejected }),
        nll_loss: nll, log_odds_ratio: c.mean(ratio), log_odds_chosen: c.mean(odds),
      },
    };
  },
};
