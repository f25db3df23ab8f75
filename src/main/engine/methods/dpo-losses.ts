/** The losses of the DPO family, one line each, per pair. Names of TRL 1.13; sources: spec/alignment.md 5. */

import type { DpoLoss } from '../../../shared/methods/dpo.ts';
import * as o from '../graph/ops/index.ts';
import type { Value } from '../graph/node.ts';
import { logSigmoid, smoothed, sorted } from './log-sigmoid.ts';
import type { ConfigOf } from './method.ts';

type Config = ConfigOf<'dpo'>;

/** Everything [E]. `lr`: log ratio of policy to reference; `s`: its f-divergence transform. */
export interface PairTerms {
  config: Config; exists: Value;
  logp: { chosen: Value; rejected: Value }; reference: { chosen: Value; rejected: Value };
  lr: { chosen: Value; rejected: Value }; s: { chosen: Value; rejected: Value }; length: { chosen: Value; rejected: Value };
}
type PairLoss = (t: PairTerms) => Value;

const sigmoid = o.sigmoid;
const gap = (t: PairTerms): Value => o.mul(o.sub(t.s.chosen, t.s.rejected), t.config.beta);
const reward = (t: PairTerms, role: 'chosen' | 'rejected'): Value => o.mul(t.lr[role], t.config.beta);
/** Per token; padding has no tokens. */
const perToken = (x: Value, length: Value): Value => o.div(x, o.maximum(length, 1));
const square = (x: Value): Value => o.mul(x, x);
/** Padding sorts behind every real number. */
const sortedReal = (t: PairTerms, x: Value): Value => sorted(o.where(o.greater(t.exists, 0.5), x, 1e30));
const aotGap = (t: PairTerms, a: Value, b: Value): Value => o.mul(o.where(o.greater(t.exists, 0.5), o.sub(sortedReal(t, a), sortedReal(t, b)), 0), t.config.beta);

/** `sft` is a mean over tokens, not over pairs: it stands in methods/dpo.ts. */
export const DPO_PAIR_LOSSES: { readonly [K in Exclude<DpoLoss, 'sft'>]: PairLoss } = {
  sigmoid: (t) => o.softplus(o.neg(gap(t))),
  cdpo: (t) => smoothed(gap(t), t.config.label_smoothing),
  hinge: (t) => o.maximum(o.sub(1, gap(t)), 0),
  ipo: (t) => square(o.sub(o.sub(perToken(t.s.chosen, t.length.chosen), perToken(t.s.rejected, t.length.rejected)), 1 / (2 * t.config.beta))),
  exo_pair: (t) => {
    const x = gap(t), e = t.config.label_smoothing;
    const [won, lost] = [logSigmoid(x), logSigmoid(o.neg(x))];
    return o.add(o.mul(sigmoid(x), o.sub(won, Math.log(1 - e))), o.mul(sigmoid(o.neg(x)), o.sub(lost, Math.log(e))));
  },
  nca_pair: (t) => {
    const [w, l] = [reward(t, 'chosen'), reward(t, 'rejected')];
    return o.add(o.softplus(o.neg(w)), o.mul(o.add(o.softplus(w), o.softplus(l)), 0.5));
  },
  robust: (t) => {
    const x = gap(t), e = t.config.label_smoothing;
    return o.mul(o.sub(o.mul(o.softplus(o.neg(x)), 1 - e), o.mul(o.softplus(x), e)), 1 / (1 - 2 * e));
  },
  bco_pair: (t) => o.add(o.softplus(o.neg(reward(t, 'chosen'))), o.softplus(reward(t, 'rejected'))),
  sppo_hard: (t) => o.add(square(o.sub(t.lr.chosen, 0.5 / t.config.beta)), square(o.add(t.lr.rejected, 0.5 / t.config.beta))),
  aot: (t) => smoothed(aotGap(t, o.sub(t.logp.chosen, t.logp.rejected), o.sub(t.reference.chosen, t.reference.rejected)), t.config.label_smoothing),
  aot_unpaired: (t) => smoothed(aotGap(t, t.lr.chosen, t.lr.rejected), t.config.label_smoothing),
  apo_zero: (t) => o.add(o.sub(1, sigmoid(reward(t, 'chosen'))), sigmoid(reward(t, 'rejected'))),
  apo_down: (t) => o.sub(o.add(sigmoid(reward(t, 'chosen')), 1), sigmoid(o.sub(reward(t, 'chosen'), reward(t, 'rejected')))),
  discopop: (t) => {
    const x = gap(t), modulation = sigmoid(o.mul(x, 1 / t.config.discopop_tau));
    return o.add(o.mul(o.softplus(o.neg(x)), o.sub(1, modulation)), o.mul(o.exp(o.neg(x)), modulation));
  },
  sigmoid_norm: (t) => o.softplus(o.neg(o.mul(o.sub(perToken(t.s.chosen, t.length.chosen), perToken(t.s.rejected, t.length.rejected)), t.config.beta))),
};

/** Exponents beyond this overflow float32. */
const EXPONENT_LIMIT = 80;
/** f-divergence transforms of the log ratio (Wang et al., 2024, as TRL 1.13 has them). */
export function transformed(lr: Value, config: Config): Value {
  switch (config.f_divergence_type) {
    case 'reverse_kl': return lr;
    case 'forward_kl': return o.sub(1, o.exp(o.minimum(o.neg(lr), EXPONENT_LIMIT)));
    case 'js_divergence': return o.add(logSigmoid(lr), Math.LN2);
    case 'alpha_divergence': {
      const power = config.f_alpha_divergence_coef - 1;
      return Math.abs(power) < 1e-6 ? lr : o.mul(o.sub(o.exp(o.minimum(o.mul(lr, power), EXPONENT_LIMIT)), 1), 1 / power);
    }
  }
}
