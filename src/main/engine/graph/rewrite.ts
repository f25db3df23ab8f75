/** The frame of every pass: copies a graph node by node, letting a visitor replace some of them. The result is verified. */

import { dims, graphError } from './dtype.ts';
import { Graph } from './node.ts';
import type { Node, Value } from './node.ts';
import { verify } from './verify.ts';

/** Returns the values that stand for the node's outputs, or undefined to copy the node. `inputs` are already in the new graph. */
export type Visitor = (node: Node, inputs: readonly Value[], target: Graph, map: (v: Value) => Value) => readonly Value[] | undefined;

/** `keep` says which nodes to copy at all (default: all). Unused sources are kept, so that a program's inputs stay its inputs. */
export function rewrite(g: Graph, visit: Visitor, keep: (node: Node) => boolean = () => true): Graph {
  const target = new Graph({ real: g.real });
  const mapped = new Map<Value, Value>();
  const map = (v: Value): Value => {
    const found = mapped.get(v);
    if (found) return found;
    if (v.source?.kind !== 'constant') throw graphError(`A pass reads %${v.id}, which was removed.`);
    const copy = target.constant(v.source.data, v.shape, v.dtype);
    mapped.set(v, copy);
    return copy;
  };
  for (const v of g.values) {
    if (v.source?.kind === 'input') mapped.set(v, target.input(v.name as string, v.shape, v.dtype));
    if (v.source?.kind === 'weight') mapped.set(v, target.weight(v.name as string, v.shape, v.dtype, v.source.weight));
  }
  for (const n of g.nodes) {
    if (!keep(n)) continue;
    const inputs = n.inputs.map((v, i) => (n.op.name === 'barrier' && i > 0 && !mapped.has(v) ? map(n.inputs[0] as Value) : map(v)));
    const results = target.mark(n.segment, n.backward, () => visit(n, inputs, target, map) ?? target.apply(n.op, inputs, n.params));
    n.outputs.forEach((o, i) => {
      const r = results[i];
      if (!r || r.dtype !== o.dtype || r.shape.length !== o.shape.length || r.shape.some((d, k) => d !== o.shape[k])) throw graphError(`A pass replaced an output of ${n.op.name}, ${o.dtype}${dims(o.shape)}, by ${r?.dtype}${dims(r?.shape ?? [])}.`);
      mapped.set(o, r);
    });
  }
  for (const [name, v] of g.outputs) target.output(name, map(v));
  verify(target);
  return target;
}

/** How often each value is read, by nodes and as an output. */
export function useCounts(g: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  const count = (v: Value) => uses.set(v, (uses.get(v) ?? 0) + 1);
  for (const n of g.nodes) n.inputs.forEach(count);
  for (const v of g.outputs.values()) count(v);
  return uses;
}
