/** Normalisations over the last axis: RMSNorm (Zhang and Sennrich, 2019) and LayerNorm (Ba et al., 2016). Primitive ops only: the fused kernels are wrong or missing on some providers. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

const leading = (x: Value): number[] => x.shape.slice(0, -1).map((_, i) => i);

/** x / sqrt(mean(x^2) + eps) * weight; x [..., D], weight [D]. Saves x and one number per row for the gradient. */
export function rmsNorm(x: Value, weight: Value, eps: number): Value {
  const inverse = o.reciprocal(o.sqrt(o.add(o.reduceMean(o.mul(x, x), [-1], true), eps)));
  const y = o.mul(o.mul(x, inverse), weight);
  return o.customGrad([y], [x, weight], ([dy], [needX, needWeight]) => {
    if (!dy) return [null, null];
    let dx: Value | null = null;
    if (needX) {
      const scaled = o.mul(dy, weight);
      // dx = inverse * (scaled - x * inverse^2 * mean(scaled * x)); the factors of one number per row are multiplied first.
      const along = o.mul(o.reduceMean(o.mul(scaled, x), [-1], true), o.mul(inverse, o.mul(inverse, inverse)));
      dx = o.sub(o.mul(scaled, inverse), o.mul(x, along));
    }
    return [dx, needWeight ? o.reduceSum(o.mul(dy, o.mul(x, inverse)), leading(x)) : null];
  })[0] as Value;
}

/** (x - mean) / sqrt(var + eps) * weight + bias. */
export function layerNorm(x: Value, weight: Value, bias: Value | undefined, eps: number): Value {
  const centred = o.sub(x, o.reduceMean(x, [-1], true));
  const inverse = o.reciprocal(o.sqrt(o.add(o.reduceMean(o.mul(centred, centred), [-1], true), eps)));
  const y = o.mul(o.mul(centred, inverse), weight);
  return bias ? o.add(y, bias) : y;
}
