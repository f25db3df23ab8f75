/** Removes nodes that no output needs. */

import type { Graph, Node, Value } from '../node.ts';
import { rewrite } from '../rewrite.ts';

export function deadCode(g: Graph): Graph {
  const live = new Set<Value>(g.outputs.values());
  const keep = new Set<Node>();
  for (const n of g.nodes.toReversed()) {
    if (!n.outputs.some(o => live.has(o))) continue;
    keep.add(n);
    for (const v of n.inputs) live.add(v);
  }
  return keep.size === g.nodes.length ? g : rewrite(g, () => undefined, n => keep.has(n));
}
