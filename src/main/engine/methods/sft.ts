/** Supervised fine-tuning: negative log-likelihood of the target tokens, or dynamic fine-tuning (each token weighted by its own probability; Wu et al. 2025). Normalised over the whole accumulation window, as TRL. */

import { exp, mul, neg, reduceSum, stopGradient } from '../graph/ops/index.ts';
import type { EngineMethod } from './method.ts';

export const sft: EngineMethod = {
  id: 'sft',
  normalisation: 'tokens',
  segments: (row) => [{ parent: -1, ids: row.ids, targets: row.mask }],
  loss: ({ logp, weight }, config) => {
    const factor = config.loss_type === 'dft' ? mul(weight, stopGradient(exp(logp))) : weight;
    return neg(reduceSum(mul(factor, logp)));
  },
};
