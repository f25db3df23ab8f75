/** The plain forward context: every row of a batch is one sequence from its first slot on. For prompts, tests and exported graphs. */

import { attention } from '../graph/fn/index.ts';
import type { Graph, Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import type { ForwardContext, LinearSpec } from './family.ts';

/** y [N, out] of an unadapted linear layer, in either layout of its weight. */
export function plainLinear(parameter: ForwardContext['parameter']): ForwardContext['linear'] {
  return (spec: LinearSpec, x: Value): Value => {
    const product = o.matmul(x, o.asReal(parameter(`${spec.module}.weight`)), { transB: spec.transposed !== true });
    return spec.bias ? o.add(product, o.asReal(parameter(`${spec.module}.bias`))) : product;
  };
}

/** The tokens before each one in its row: x [batch * length, C], shifted by 1, 2 ... `steps` slots. */
export function shifted(x: Value, batch: number, length: number, steps: number): Value[] {
  const rows = o.reshape(x, [batch, length, -1]);
  return Array.from({ length: steps }, (_, i) => {
    const by = Math.min(i + 1, length);
    return o.reshape(o.pad(o.slice(rows, 1, 0, length - by), 1, by, 0), x.shape);
  });
}

export interface RowShape { batch: number; length: number; /** Tokens of each row, [batch, 1]; default all slots. */ lengths?: Value }

/** A context over [batch, length] slots that starts in every row at position 0. */
export function rowContext(graph: Graph, parameter: ForwardContext['parameter'], { batch, length, lengths }: RowShape, linear: ForwardContext['linear'] = plainLinear(parameter)): ForwardContext {
  return {
    graph, parameter, linear, maxPositions: length,
    attention: (_layer, heads, options) => attention({ ...heads, ...options, causal: true, chunk: 128 }),
    before: (_layer, x, steps) => shifted(x, batch, length, steps),
    sequenceLengths: () => lengths ?? graph.constant(new Int32Array(batch).fill(length), [batch, 1], 'int32'),
  };
}
