/**
 * Rewrites groups of nodes into one kernel: alpha * a @ b + c (Gemm), scales and transpositions into matmul's own parameters. A product is absorbed only
 * where nobody else reads it. Each rule has an equivalence test. ORT itself fuses x * sigmoid(x) and chains of element-wise ops in float32.
 */

import { sameShape } from '../dtype.ts';
import { scalarOf } from '../node.ts';
import type { Graph, Node, Value } from '../node.ts';
import { opNamed } from '../op.ts';
import * as o from '../ops/index.ts';
import type { MatmulParams } from '../ops/matmul.ts';
import { rewrite, useCounts } from '../rewrite.ts';
import { deadCode } from './dead-code.ts';

type Rule = (n: Node, inputs: readonly Value[], target: Graph, alone: (i: number) => boolean) => Value | undefined;

const productOf = (v: Value | undefined): { a: Value; b: Value; params: MatmulParams } | undefined =>
  (v?.node?.op.name === 'matmul' ? { a: v.node.inputs[0] as Value, b: v.node.inputs[1] as Value, params: v.node.params as MatmulParams } : undefined);

/** matmul * constant -> alpha */
const scale: Rule = (n, inputs, _, alone) => {
  if (n.op.name !== 'mul') return undefined;
  for (const [i, j] of [[0, 1], [1, 0]] as const) {
    const p = productOf(inputs[i]);
    const factor = scalarOf(inputs[j] as Value);
    if (p && factor !== undefined && alone(i) && sameShape((inputs[i] as Value).shape, n.outputs[0]?.shape ?? [])) return o.matmul(p.a, p.b, { ...p.params, alpha: p.params.alpha * factor });
  }
  return undefined;
};

/** A swap of the last two axes goes into transA or transB. */
const swap: Rule = (n, inputs) => {
  if (n.op.name !== 'matmul') return undefined;
  const params = { ...(n.params as MatmulParams) };
  const sides = inputs.map((v, i) => {
    const perm = v.node?.op.name === 'transpose' ? (v.node.params as { perm: number[] }).perm : undefined;
    if (!perm || !perm.every((p, k) => p === (k < perm.length - 2 ? k : 2 * perm.length - 3 - k))) return v;
    if (i === 0) params.transA = !params.transA; else params.transB = !params.transB;
    return v.node?.inputs[0] as Value;
  });
  return sides.some((v, i) => v !== inputs[i]) ? o.matmul(sides[0] as Value, sides[1] as Value, params) : undefined;
};

/** matmul + c -> gemm (rank 2; double only without a scale that float32 cannot hold). */
const addend: Rule = (n, inputs, target, alone) => {
  if (n.op.name !== 'add') return undefined;
  for (const [i, j] of [[1, 0], [0, 1]] as const) {
    const p = productOf(inputs[i]);
    const c = inputs[j] as Value;
    if (!p || !alone(i) || n.outputs[0]?.shape.length !== 2 || !sameShape((inputs[i] as Value).shape, n.outputs[0].shape) || p.a.shape.length !== 2 || p.b.shape.length !== 2) continue;
    if (p.a.dtype === 'float64' && Math.fround(p.params.alpha) !== p.params.alpha) continue;
    return target.apply(opNamed('gemm'), [p.a, p.b, c], p.params)[0];
  }
  return undefined;
};

export const fusions: Readonly<Record<string, Rule>> = { swap, scale, addend };

export function fuse(g: Graph, rules: readonly Rule[] = Object.values(fusions)): Graph {
  const uses = useCounts(g);
  // One walk: a rule sees what earlier rules made of its inputs, so a scaled product still becomes one Gemm.
  return deadCode(rewrite(g, (n, inputs, target) => {
    for (const rule of rules) {
      const made = rule(n, inputs, target, i => uses.get(n.inputs[i] as Value) === 1);
      if (made) return [made];
    }
    return undefined;
  }));
}
