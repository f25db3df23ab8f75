/** Direct preference optimisation and its kin: a loss over log-probability ratios of a pair. Formulas: spec/alignment.md 5; LD-DPO: Liu et al. 2024; WPO: Zhou et al. 2024. */

import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import type { ExampleRow } from './example-row.ts';
import { meanOf, type Completions } from './completions.ts';
import { DPO_PAIR_LOSSES, transformed, type PairTerms } from './dpo-losses.ts';
import { exampleSegments } from './example-segments.ts';
import type { ConfigOf, EngineMethod, ScoredTokens } from './method.ts';
import { pairMetrics } from './pair-metrics.ts';

/** Losses that are no sum over pairs: a mean over all tokens, and those that sort the pairs of a batch. */
const WHOLE_BATCH: ReadonlySet<string> = new Set(['sft', 'aot', 'aot_unpaired']);

const answerLength = ({ completions }: ExampleRow, role: number): number => completions[role]!.ids.length - completions[role]!.prompt;

export const dpo: EngineMethod<ConfigOf<'dpo'>> = {
  id: 'dpo',
  normalisation: 'examples',
  roles: ['chosen', 'rejected'],
  head: 'log-probabilities',
  separable: ({ loss_type: types }) => types.every((type) => !WHOLE_BATCH.has(type)),
  reference: () => true,
  averaging: 'batches',
  segments: (row, { ld_alpha: alpha }) => exampleSegments(row, alpha === null ? {} : { share: (_role, place, r) => (place < Math.min(answerLength(r, 0), answerLength(r, 1)) ? 1 : alpha) }),
  loss: ({ tokens, completions: c, config }) => {
    const sides = (read: (role: 'chosen' | 'rejected') => Value): { chosen: Value; rejected: Value } => ({ chosen: read('chosen'), rejected: read('rejected') });
    const logp = sides(role => c.logp(role));
    const reference = sides(role => c.reference(role));
    const lr = sides(role => o.sub(logp[role], reference[role]));
    const terms: PairTerms = { config, exists: c.exists, logp, reference, lr, s: sides(role => transformed(lr[role], config)), length: sides(role => c.length(role)) };
    const rewards = sides(role => o.mul(lr[role], config.beta));
    return {
      loss: total(terms, c, tokens),
      metrics: {
        entropy: c.tokenMean(['chosen', 'rejected'], tokens.entropy), mean_token_accuracy: c.tokenMean(['chosen'], tokens.hits),
        ...pairMetrics(c, tokens, rewards, logp),
      },
    };
  },
};

/** Weighted sum of the chosen losses. */
function total(terms: PairTerms, c: Completions, tokens: ScoredTokens): Value {
  const { config } = terms;
  const scale = config.use_weighting ? o.mul(c.scale, policyWeight(c, tokens)) : c.scale;
  const parts = config.loss_type.map((type, i) => {
    const part = type === 'sft'
      ? o.mul(o.neg(meanOf(c.tokenMean(['chosen'], tokens.logp))), c.share)
      : o.reduceSum(o.mul(DPO_PAIR_LOSSES[type](terms), scale));
    return o.mul(part, config.loss_weights?.[i] ?? 1);
  });
  return parts.reduce((a, b) => o.add(a, b));
}

/** WPO: how likely the policy itself would be to write both answers, relative to its sharpness [E]; detached. */
function policyWeight(c: Completions, tokens: ScoredTokens): Value {
  const centred = o.sub(tokens.logp, tokens.logCollision);
  const side = (role: string): Value => o.exp(o.div(c.total(role, centred), o.maximum(c.length(role), 1)));
  return o.stopGradient(o.mul(side('chosen'), side('rejected')));
}
