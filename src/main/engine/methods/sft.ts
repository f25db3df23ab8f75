/** Supervised fine-tuning: negative log-likelihood of the target tokens, or dynamic fine-tuning (each token weighted by its own probability; Wu et al. 2025). Normalised over the whole accumulation window, as TRL. */

import { exp, mul, neg, reduceSum, stopGradient } from '../graph/ops/index.ts';
import { isExample } from './example-row.ts';
import type { ConfigOf, EngineMethod } from './method.ts';

export const sft: EngineMethod<ConfigOf<'sft'>> = {
  id: 'sft',
  normalisation: 'tokens',
  roles: [],
  head: 'log-probabilities',
  separable: () => true,
  averaging: 'batches',
  segments: (row) => {
    if (isExample(row)) throw new TypeError('Fine-tuning needs rows of tokens.');
    return [{ parent: -1, ids: row.ids, targets: row.mask }];
  },
  loss: ({ tokens: { logp, weight, valid, entropy, hits }, config }) => {
    const factor = config.loss_type === 'dft' ? mul(weight, stopGradient(exp(logp))) : weight;
    const count = reduceSum(valid);
    return {
      loss: neg(reduceSum(mul(factor, logp))),
      metrics: { entropy: { sum: reduceSum(mul(entropy, valid)), count }, mean_token_accuracy: { sum: reduceSum(mul(hits, valid)), count } },
    };
  },
};
