/** From hidden states to logits, with the scale and cap of the model's config. Training takes `rowLogProbs` with the same options and never holds all logits. */

import type { ScoreOptions } from '../graph/fn/index.ts';
import type { Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import type { DecoderConfig } from './config.ts';

/** Options of `rowLogProbs` for this model. */
export function scoreOptions({ head }: DecoderConfig): ScoreOptions { return { logitScale: head.scale, softcap: head.softcap }; }

/** A product with the head weight, scaled and capped. */
export function capLogits({ head }: DecoderConfig, product: Value): Value {
  const { scale, softcap } = head;
  if (softcap === null) return scale === 1 ? product : o.mul(product, scale);
  return o.mul(o.tanh(o.mul(product, scale / softcap)), softcap);
}

/** hidden [N, D], weight [V, D] -> logits [N, V]. */
export function headLogits(config: DecoderConfig, hidden: Value, weight: Value): Value {
  return capLogits(config, o.matmul(hidden, o.asReal(weight), { transB: true }));
}
