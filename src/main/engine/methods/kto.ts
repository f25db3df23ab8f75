/** KTO: answers with a label, each against a baseline, the divergence from the reference on mismatched answers (spec/alignment.md 6). The mismatched answer is the one of the next row in the dataset, as TRL pairs them. */

import * as o from '../graph/ops/index.ts';
import { meanOf } from './completions.ts';
import { exampleSegments } from './example-segments.ts';
import { judgedMetrics } from './judged-metrics.ts';
import type { ConfigOf, EngineMethod } from './method.ts';

export const kto: EngineMethod<ConfigOf<'kto'>> = {
  id: 'kto',
  normalisation: 'examples',
  roles: ['completion', 'mismatched'],
  uncounted: ['mismatched'],
  head: 'log-probabilities',
  reference: () => true,
  columns: ['label'],
  averaging: 'counts',
  segments: (row) => exampleSegments(row),
  loss: ({ tokens, completions: c, config }) => {
    const { beta } = config;
    const logp = c.logp('completion');
    const ratio = o.sub(logp, c.reference('completion'));
    const good = o.mul(c.column('label'), c.exists);
    const bad = o.sub(c.exists, good);
    const drift = c.mean(o.stopGradient(o.sub(c.logp('mismatched'), c.reference('mismatched'))));
    const baseline = config.loss_type === 'kto' ? o.maximum(meanOf(drift), 0) : o.fullLike(c.share, 0);
    const distance = o.sub(ratio, baseline);
    const one = (sign: 1 | -1) => o.sub(1, o.sigmoid(o.mul(distance, sign * beta)));
    const losses = o.add(o.mul(o.mul(one(1), good), config.desirable_weight), o.mul(o.mul(one(-1), bad), config.undesirable_weight));
    return {
      loss: o.reduceSum(o.mul(losses, c.scale)),
      metrics: {
        ...judgedMetrics(c, tokens, o.mul(ratio, beta), logp, good, bad), entropy: c.tokenMean(['completion'], tokens.entropy),
        kl: { sum: baseline, count: o.fullLike(baseline, 1) },
      },
    };
  },
};
