/** Replaces products with frozen file weights by products with their quantised copies. Adapters, norms, attention and weights in memory stay float32; in 4 bit the output head keeps 8. */

import type { WeightFormat } from '../../../shared/schema/generate.ts';
import type { Graph, Value } from '../graph/node.ts';
import { opNamed } from '../graph/op.ts';
import * as o from '../graph/ops/index.ts';
import type { MatmulParams } from '../graph/ops/matmul.ts';
import { deadCode } from '../graph/passes/index.ts';
import { rewrite } from '../graph/rewrite.ts';
import { BLOCK, type QuantisedWeights } from './quantised-weights.ts';

/** The stored tensors behind a value, through the cast of 16-bit weights: one, or several whose rows were joined. */
function storedNames(v: Value): string[] | undefined {
  const parts = v.node?.op.name === 'concat' && (v.node.params as { axis: number }).axis === 0 ? v.node.inputs : [v];
  const names = parts.flatMap((part) => {
    const origin = part.node?.op.name === 'cast' ? (part.node.inputs[0] as Value) : part;
    return origin.source?.kind === 'weight' && origin.shape.length === 2 ? [origin.name as string] : [];
  });
  return names.length === parts.length ? names : undefined;
}

export function quantiseGraph(g: Graph, format: WeightFormat, weights: QuantisedWeights, head: string): Graph {
  if (format === 'fp32') return g;
  const made = new Map<string, [Value, Value]>();
  return deadCode(rewrite(g, (n, inputs, target) => {
    if (n.op.name !== 'matmul' && n.op.name !== 'gemm') return undefined;
    const [x, w, addend] = inputs as [Value, Value, Value | undefined];
    const { transA, transB, alpha } = n.params as MatmulParams;
    const names = storedNames(w);
    if (names === undefined || transA || x.shape.length !== 2) return undefined;
    const name = names.join('+');
    const bits = format === 'int8' || name === head ? 8 : 4;
    const q = weights.get(names, bits, !transB);
    if (q === null) return undefined;
    const pair = made.get(name) ?? [
      target.weight(`${name}:codes`, [q.n, q.k / BLOCK, (BLOCK * bits) / 8], 'uint8', q.codes), target.weight(`${name}:scales`, [(q.n * q.k) / BLOCK], 'float32', q.scales),
    ];
    made.set(name, pair);
    const product = target.apply(opNamed('matmulBits'), [x, ...pair], { n: q.n, k: q.k, block: BLOCK, bits, fast: true })[0] as Value;
    const scaled = alpha === 1 ? product : o.mul(product, alpha);
    return [addend === undefined ? scaled : o.add(scaled, addend)];
  }));
}
