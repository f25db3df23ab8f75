/** The gated short convolution of LFM2 (Liquid AI, 2025): in_proj gives B, C and x; out_proj(C * conv(B * x)) with a depthwise causal convolution over the last `kernel` tokens of the path. */

import type { Value } from '../graph/node.ts';
import { add, mul, reshape, slice } from '../graph/ops/index.ts';
import type { ForwardContext, LinearSpec } from './family.ts';

export interface ShortConv { in: LinearSpec; out: LinearSpec; /** Module of the convolution, weight [C, 1, kernel]: the last tap is the token itself. */ conv: string; kernel: number; bias: boolean }

/** x [N, C] -> [N, C]. */
export function shortConv(ctx: ForwardContext, layer: number, spec: ShortConv, x: Value): Value {
  const channels = spec.out.inFeatures;
  const projected = ctx.linear(spec.in, x);
  const [b, c, value] = [0, 1, 2].map((i) => slice(projected, 1, i * channels, (i + 1) * channels)) as [Value, Value, Value];
  const input = mul(b, value);
  const weight = reshape(ctx.parameter(`${spec.conv}.weight`), [channels, spec.kernel]);
  const tap = (stepsBack: number): Value => reshape(slice(weight, 1, spec.kernel - 1 - stepsBack, spec.kernel - stepsBack), [channels]);
  const earlier = spec.kernel === 1 ? [] : ctx.before(layer, input, spec.kernel - 1);
  const mixed = earlier.reduce((sum, token, i) => add(sum, mul(token, tap(i + 1))), mul(input, tap(0)));
  return ctx.linear(spec.out, mul(c, spec.bias ? add(mixed, ctx.parameter(`${spec.conv}.bias`)) : mixed));
}
