/** The metrics that methods over pairs share, with TRL's names. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import type { Completions } from './completions.ts';
import type { Measure, ScoredTokens } from './method.ts';

interface Sides { chosen: Value; rejected: Value }

/** `rewards` and `logps` [E]. */
export function pairMetrics(c: Completions, tokens: ScoredTokens, rewards: Sides, logps: Sides): Record<string, Measure> {
  const won = o.cast(o.greater(rewards.chosen, rewards.rejected), rewards.chosen.dtype);
  return {
    'rewards/chosen': c.mean(rewards.chosen), 'rewards/rejected': c.mean(rewards.rejected), 'rewards/accuracies': c.mean(won), 'rewards/margins': c.mean(o.sub(rewards.chosen, rewards.rejected)),
    'logps/chosen': c.mean(logps.chosen), 'logps/rejected': c.mean(logps.rejected),
    'logits/chosen': c.tokenMean(['chosen'], tokens.meanLogit), 'logits/rejected': c.tokenMean(['rejected'], tokens.meanLogit),
  };
}
