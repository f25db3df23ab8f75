/** Merges nodes that compute the same thing. Forward and backward nodes are merged too; recomputed ones differ by their barrier and stay. */

import type { Graph, Value } from '../node.ts';
import { rewrite } from '../rewrite.ts';

export function cse(g: Graph): Graph {
  const seen = new Map<string, readonly Value[]>();
  return rewrite(g, (n, inputs, target) => {
    const key = `${n.op.name}(${inputs.map(v => v.id).join()})${JSON.stringify(n.params)}`;
    const found = seen.get(key);
    if (found) return found;
    const made = target.apply(n.op, inputs, n.params);
    seen.set(key, made);
    return made;
  });
}
