/** BCO: answers with a label, classified against the running mean of all rewards seen (spec/alignment.md 7). The mean takes in a micro-batch before its loss is formed, and is part of the checkpoint. */

import * as o from '../graph/ops/index.ts';
import { exampleSegments } from './example-segments.ts';
import { judgedMetrics } from './judged-metrics.ts';
import type { ConfigOf, EngineMethod } from './method.ts';

export const bco: EngineMethod<ConfigOf<'bco'>> = {
  id: 'bco',
  normalisation: 'examples',
  roles: ['completion'],
  head: 'log-probabilities',
  reference: () => true,
  columns: ['label'],
  state: { reward_sum: 0, reward_count: 0 },
  averaging: 'counts',
  segments: (row) => exampleSegments(row),
  loss: ({ tokens, completions: c, config, state, remember }) => {
    const logp = c.logp('completion');
    const rewards = o.mul(o.sub(logp, c.reference('completion')), config.beta);
    const good = o.mul(c.column('label'), c.exists);
    const bad = o.sub(c.exists, good);
    const seen = o.stopGradient(o.add(state('reward_sum'), o.reduceSum(o.mul(rewards, c.exists))));
    const count = o.add(state('reward_count'), o.reduceSum(c.exists));
    remember('reward_sum', seen);
    remember('reward_count', count);
    const delta = o.div(seen, o.maximum(count, 1));
    const distance = o.sub(rewards, delta);
    const losses = o.add(o.mul(o.mul(o.softplus(o.neg(distance)), good), config.desirable_weight), o.mul(o.mul(o.softplus(distance), bad), config.undesirable_weight));
    return {
      loss: o.reduceSum(o.mul(losses, c.scale)),
      metrics: { ...judgedMetrics(c, tokens, rewards, logp, good, bad), delta: { sum: delta, count: o.fullLike(delta, 1) } },
    };
  },
};
