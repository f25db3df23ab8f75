/** CPO, SimPO and AlphaPO: preference losses without a reference (spec/alignment.md 7). SimPO compares mean log-probabilities against a target margin; AlphaPO reshapes them. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import { meanOf } from './completions.ts';
import { exampleSegments } from './example-segments.ts';
import { smoothed } from './log-sigmoid.ts';
import type { ConfigOf, EngineMethod } from './method.ts';
import { pairMetrics } from './pair-metrics.ts';

type Config = ConfigOf<'cpo'>;

function pairLoss(d: Value, { loss_type: type, beta, label_smoothing: smoothing, simpo_gamma: gamma }: Config): Value {
  switch (type) {
    case 'sigmoid': return smoothed(o.mul(d, beta), smoothing);
    case 'hinge': return o.maximum(o.sub(1, o.mul(d, beta)), 0);
    case 'ipo': { const x = o.sub(d, 1 / (2 * beta)); return o.mul(x, x); }
    case 'simpo': return smoothed(o.mul(o.sub(d, gamma / beta), beta), smoothing);
  }
}

export const cpo: EngineMethod<Config> = {
  id: 'cpo',
  normalisation: 'examples',
  roles: ['chosen', 'rejected'],
  head: 'log-probabilities',
  separable: ({ cpo_alpha: alpha }) => alpha === 0,
  averaging: 'batches',
  segments: (row) => exampleSegments(row),
  loss: ({ tokens, completions: c, config }) => {
    const averaged = config.loss_type === 'ipo' || config.loss_type === 'simpo';
    const logp = (role: string): Value => (averaged ? o.div(c.logp(role), o.maximum(c.length(role), 1)) : c.logp(role));
    const [chosen, rejected] = [logp('chosen'), logp('rejected')];
    // AlphaPO: (1 - p^-alpha) / alpha, which is log p for alpha to 0.
    const shaped = (x: Value): Value => (config.alpha === 0 ? x : o.mul(o.sub(1, o.exp(o.mul(x, -config.alpha))), 1 / config.alpha));
    const preference = o.reduceSum(o.mul(pairLoss(o.sub(shaped(chosen), shaped(rejected)), config), c.scale));
    const nll = c.tokenMean(['chosen'], o.neg(tokens.logp));
    return {
      loss: config.cpo_alpha === 0 ? preference : o.add(preference, o.mul(o.mul(meanOf(nll), config.cpo_alpha), c.share)),
      metrics: { ...pairMetrics(c, tokens, { chosen: o.mul(chosen, config.beta), rejected: o.mul(rejected, config.beta) }, { chosen, rejected }), ...(config.cpo_alpha === 0 ? {} : { nll_loss: nll }) },
    };
  },
};
