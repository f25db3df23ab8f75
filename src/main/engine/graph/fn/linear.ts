/** Linear layer in the layout of Hugging Face checkpoints: y = x W^T + b. The weight is never transposed in memory. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';

/** x [..., in], weight [out, in] (real or stored 16-bit), bias [out]; alpha scales x W^T (for low-rank paths). */
export function linear(x: Value, weight: Value, bias?: Value, alpha = 1): Value {
  const [out, inner] = weight.shape as [number, number];
  const flat = o.matmul(o.reshape(x, [-1, inner]), o.asReal(weight), { transB: true, alpha });
  return o.reshape(bias ? o.add(flat, o.asReal(bias)) : flat, [...x.shape.slice(0, -1), out]);
}
