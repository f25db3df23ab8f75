/** Removes nodes that no output needs. A barrier does not keep alive what it waits for: waits on dead tensors are dropped. */

import type { Graph, Node, Value } from '../node.ts';
import { barrier } from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';

export function deadCode(g: Graph): Graph {
  const live = new Set<Value>(g.outputs.values());
  const keep = new Set<Node>();
  for (const n of g.nodes.toReversed()) {
    if (!n.outputs.some(o => live.has(o))) continue;
    keep.add(n);
    for (const v of n.op.name === 'barrier' ? n.inputs.slice(0, 1) : n.inputs) live.add(v);
  }
  const stale = g.nodes.some(n => n.op.name === 'barrier' && n.inputs.some(v => !live.has(v)));
  if (keep.size === g.nodes.length && !stale) return g;
  return rewrite(g, (n, inputs) => {
    if (n.op.name !== 'barrier') return undefined;
    return [barrier(inputs[0] as Value, inputs.slice(1).filter((_, i) => live.has(n.inputs[i + 1] as Value)))];
  }, n => keep.has(n));
}
