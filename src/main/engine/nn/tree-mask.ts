/** The attention mask of token trees, built in the graph from two integers per slot (see train/token-tree.ts): 0 where a slot may look, a large negative number elsewhere. */

import { MASKED } from '../graph/fn/index.ts';
import type { Graph, Value } from '../graph/node.ts';
import { less, lessEqual, logicalAnd, reshape, sub, where } from '../graph/ops/index.ts';

/** enter, exit, positions: int32 [B, T]. Additive mask [B, 1, T, T]. With a `window` a slot sees only that many tokens of its path, itself included: positions count along paths, so their difference is the distance. */
export function treeMask(graph: Graph, { enter, exit, positions }: { enter: Value; exit: Value; positions: Value }, window: number | null = null): Value {
  const [batch, length] = enter.shape as [number, number];
  const column = (v: Value): Value => reshape(v, [batch, 1, length, 1]);
  const row = (v: Value): Value => reshape(v, [batch, 1, 1, length]);
  const index = graph.constant(Int32Array.from({ length }, (_, i) => i), [length], 'int32');
  const causal = lessEqual(reshape(index, [1, 1, 1, length]), reshape(index, [1, 1, length, 1]));
  const related = logicalAnd(lessEqual(row(enter), column(enter)), lessEqual(column(enter), row(exit)));
  const visible = logicalAnd(related, causal);
  const near = window === null ? undefined : less(sub(column(positions), row(positions)), graph.constant(Int32Array.of(window), [], 'int32'));
  return where(near === undefined ? visible : logicalAnd(visible, near), 0, MASKED);
}
