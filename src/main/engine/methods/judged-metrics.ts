/** Metrics of methods over single answers with a label, with TRL's names: a mean over the desirable and one over the undesirable answers. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import type { Completions } from './completions.ts';
import type { Measure, ScoredTokens } from './method.ts';

/** `rewards` and `logps` [E]; `good` and `bad` [E] are 1 for answers of that class. */
export function judgedMetrics(c: Completions, tokens: ScoredTokens, rewards: Value, logps: Value, good: Value, bad: Value): Record<string, Measure> {
  const logits = (where: Value): Measure => ({ sum: o.reduceSum(o.mul(c.total('completion', tokens.meanLogit), where)), count: o.reduceSum(o.mul(c.length('completion'), where)) });
  return {
    'rewards/chosen': c.mean(rewards, good), 'rewards/rejected': c.mean(rewards, bad), 'logps/chosen': c.mean(logps, good), 'logps/rejected': c.mean(logps, bad),
    'logits/chosen': logits(good), 'logits/rejected': logits(bad),
  };
}
