/**
 * Fewer kernels where every row is one token: a sum and its RMSNorm in one, and no reshapes between rows [B, N] and [B, 1, N]. For the programs of generation after their weights have
 * their final form; each rewrite keeps the numbers.
 */

import { sameShape } from '../dtype.ts';
import type { Graph, Node, Value } from '../node.ts';
import { opNamed } from '../op.ts';
import * as o from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';
import { deadCode } from './dead-code.ts';

const through = (v: Value | undefined, op: string): Node | undefined => (v?.node?.op.name === op ? v.node : undefined);

/** Ops that work on rows, and which of their inputs are rows. */
const ROWS: Readonly<Record<string, readonly number[]>> = { matmulBits: [0], rmsNormFused: [0], skipNorm: [0, 1], silu: [0], mul: [0, 1], add: [0, 1], gelu: [0] };

/** The value [B, 1, N] whose reshape a value [B, N] is. */
function standing(v: Value): Value | undefined {
  const source = v.shape.length === 2 ? through(v, 'reshape')?.inputs[0] : undefined;
  return source?.shape.length === 3 && source.shape[0] === v.shape[0] && source.shape[1] === 1 ? source : undefined;
}

function lifted(n: Node, inputs: readonly Value[], target: Graph): readonly Value[] | undefined {
  const source = through(inputs[0], 'reshape');
  if (n.op.name === 'reshape' && source) return [o.reshape(source.inputs[0]!, n.outputs[0]!.shape)];
  const rows = ROWS[n.op.name];
  if (rows === undefined) return undefined;
  const given = inputs.map((v, i) => (rows.includes(i) ? standing(v) : v));
  if (given.some((v) => v === undefined) || n.outputs.some((v) => v.shape.length !== 2)) return undefined;
  return target.apply(n.op, given as Value[], n.params).map((v, i) => o.reshape(v, n.outputs[i]!.shape));
}

/** Sums that a norm reads, with that norm. */
function sums(g: Graph): Map<Node, Node> {
  const found = new Map<Node, Node>();
  for (const n of g.nodes) {
    const sum = n.op.name === 'rmsNormFused' ? through(n.inputs[0], 'add') : undefined;
    const [a, b] = sum?.inputs ?? [];
    // The weight must exist where the sum stands.
    if (sum && a && b && sameShape(a.shape, b.shape) && [2, 3].includes(a.shape.length) && n.inputs[1]!.source && !found.has(sum)) found.set(sum, n);
  }
  return found;
}

export function forDecoding(g: Graph): Graph {
  const norms = sums(g);
  const made = new Map<Node, Value>();
  const joined = rewrite(g, (n, inputs, target, map) => {
    const norm = norms.get(n);
    if (norm !== undefined) {
      const [normed, sum] = target.apply(opNamed('skipNorm'), [...inputs, map(norm.inputs[1]!)], norm.params) as [Value, Value];
      made.set(norm, normed);
      return [sum];
    }
    const normed = made.get(n);
    return normed && [normed];
  });
  return deadCode(rewrite(joined, lifted));
}
