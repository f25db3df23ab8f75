/** Reward model: one number per answer, read at its last token; the chosen answer's should be larger, by the pair's margin where it has one (spec/alignment.md 4). */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import { exampleSegments } from './example-segments.ts';
import type { ConfigOf, EngineMethod, Measure } from './method.ts';

export const reward: EngineMethod<ConfigOf<'reward'>> = {
  id: 'reward',
  normalisation: 'examples',
  roles: ['chosen', 'rejected'],
  head: 'score',
  separable: () => true,
  extremes: { min_reward: 'min', max_reward: 'max' },
  columns: ['margin'],
  averaging: 'batches',
  segments: (row) => exampleSegments(row, { losses: false }),
  loss: ({ completions: c, config }) => {
    const [chosen, rejected] = [c.score('chosen'), c.score('rejected')];
    const difference = o.sub(chosen, rejected);
    const ranking = o.softplus(o.neg(o.sub(difference, c.column('margin'))));
    const centred = o.add(chosen, rejected);
    const coefficient = config.center_rewards_coefficient ?? 0;
    const losses = coefficient === 0 ? ranking : o.add(ranking, o.mul(o.mul(centred, centred), coefficient));
    const real = (x: Value, instead: number): Value => o.where(o.greater(c.exists, 0.5), x, instead);
    const once = (x: Value): Measure => ({ sum: x, count: o.fullLike(x, 1) });
    const largest = (sign: 1 | -1): Value => o.mul(o.maximum(o.reduceMax(real(o.mul(chosen, sign), -1e30)), o.reduceMax(real(o.mul(rejected, sign), -1e30))), sign);
    return {
      loss: o.reduceSum(o.mul(losses, c.scale)),
      metrics: {
        min_reward: once(largest(-1)), mean_reward: c.mean(o.mul(centred, 0.5)), max_reward: once(largest(1)),
        accuracy: c.mean(o.cast(o.greater(chosen, rejected), chosen.dtype)), margin: c.mean(difference),
      },
    };
  },
};
