/**
 * What a WebGPU device computes badly or not at all, said in ops that it computes well: sin and cos (WGSL promises 2^-11 within a half turn and nothing beyond, and rotary angles are large),
 * and logical or (no kernel). Everything else lowers to kernels of the device by itself: no second output of a fused norm, no FusedMatMul, no Split (onnx lowering, graph/fn/norm).
 */

import type { Graph, Value } from '../node.ts';
import * as o from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';

/** 2 pi in three parts; the first two have few bits, so that their products with a whole number of turns are exact (Cody and Waite, 1980). */
const TURN = [6.28125, 4058 / 2 ** 21, 2 * Math.PI - 6.28125 - 4058 / 2 ** 21] as const;
const SIN = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800];
const COS = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800, 1 / 479001600];

const polynomial = (x: Value, coefficients: readonly number[]): Value => coefficients.slice(0, -1).reduceRight<Value>((sum, c) => o.add(o.mul(sum, x), c), o.mul(o.fullLike(x, 1), coefficients.at(-1)!));

/** Whole turns are taken off, a quarter of the rest goes through Taylor's series, and the angle is doubled twice. */
function sinCos(x: Value): { sin: Value; cos: Value } {
  const turns = o.cast(o.cast(o.mul(x, 1 / (2 * Math.PI)), 'int32'), x.dtype);
  const rest = TURN.reduce<Value>((r, part) => o.sub(r, o.mul(turns, part)), x);
  const u = o.mul(rest, 0.25), square = o.mul(u, u);
  let sin = o.mul(u, polynomial(square, SIN)), cos = polynomial(square, COS);
  for (let i = 0; i < 2; i++) [sin, cos] = [o.mul(o.mul(sin, cos), 2), o.sub(1, o.mul(o.mul(sin, sin), 2))];
  return { sin, cos };
}

export function forWebgpu(g: Graph): Graph {
  const concerns = (name: string): boolean => name === 'sin' || name === 'cos' || name === 'logicalOr';
  if (!g.nodes.some((n) => concerns(n.op.name))) return g;
  const made = new Map<Value, { sin: Value; cos: Value }>();
  return rewrite(g, (n, [a, b]) => {
    if (n.op.name === 'logicalOr') return [o.logicalNot(o.logicalAnd(o.logicalNot(a!), o.logicalNot(b!)))];
    if (!concerns(n.op.name) || a!.dtype !== 'float32') return undefined;
    const both = made.get(a!) ?? sinCos(a!);
    made.set(a!, both);
    return [n.op.name === 'sin' ? both.sin : both.cos];
  });
}
