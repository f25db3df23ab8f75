/** The forward context of training: rows are token trees (see token-tree.ts), so attention and short convolutions follow the path of each token and never its neighbours in the row. */

import { attention } from '../graph/fn/index.ts';
import type { Graph, Value } from '../graph/node.ts';
import { concat, expand, gather, reshape } from '../graph/ops/index.ts';
import type { ForwardContext } from '../models/family.ts';
import { treeMask } from '../nn/tree-mask.ts';
import type { BatchShape } from './batch.ts';
import { CHUNKS } from './plan/execution.ts';

/** Query rows per attention chunk. */
export const ATTENTION_CHUNK = CHUNKS.attention;

/** Declares ids, positions, enter and exit; `previous` and `span` only when a layer asks for them. `chunk`: query rows that attention works on at a time. */
export function treeContext(graph: Graph, shape: BatchShape, { chunk = ATTENTION_CHUNK, ...weights }: Pick<ForwardContext, 'parameter' | 'linear' | 'linears' | 'embedded'> & { chunk?: number | undefined }): { ctx: ForwardContext; ids: Value; positions: Value } {
  const slots = shape.rows * shape.length;
  const input = (name: string): Value => graph.input(name, [shape.rows, shape.length], 'int32');
  const [ids, positions, enter, exit] = ['ids', 'positions', 'enter', 'exit'].map(input) as [Value, Value, Value, Value];
  const mask = memo((window: number | null) => treeMask(graph, { enter, exit, positions }, window));
  const span = memo(() => input('span'));
  // Flat slot of the k-th token back; `slots`, a row of zeros, where the path has begun. It leads to itself.
  const back: (steps: number) => Value = memo((steps: number) => {
    if (steps === 1) return reshape(input('previous'), [slots]);
    return gather(concat([back(1), graph.constant(Int32Array.of(slots), [1], 'int32')], 0), back(steps - 1));
  });
  const ctx: ForwardContext = {
    graph, ...weights, maxPositions: shape.length,
    attention: (_layer, heads, { window, ...options }) => attention({ ...heads, ...options, mask: mask(window), chunk, causal: true }),
    before: (_layer, x, steps) => {
      const padded = concat([x, expand(graph.constant(0), [1, x.shape[1]!])], 0);
      return Array.from({ length: steps }, (_, i) => gather(padded, back(i + 1)));
    },
    sequenceLengths: () => span(0),
  };
  return { ctx, ids, positions };
}

/** Makes each value once. */
function memo<K>(make: (key: K) => Value): (key: K) => Value {
  const made = new Map<K, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
