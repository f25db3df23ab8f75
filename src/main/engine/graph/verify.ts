/** Checks a graph: order, ownership, types re-inferred from each op, outputs. Run after every pass. */

import { byteLength, byteSize, dims, elementCount, graphError, isArrayOf, sameShape } from './dtype.ts';
import type { Graph, Value } from './node.ts';

export function verify(g: Graph): void {
  const known = new Set<Value>();
  for (const v of g.values) {
    if (v.graph !== g || g.values[v.id] !== v) throw graphError(`Value %${v.id} does not belong to this graph.`);
    if (v.shape.some(d => !Number.isInteger(d) || d < 0)) throw graphError(`Value %${v.id} has an invalid shape ${dims(v.shape)}.`);
    if ((v.source === undefined) === (v.node === undefined)) throw graphError(`Value %${v.id} must come from a source or from a node, not both or neither.`);
    if (v.source?.kind === 'constant' && (!isArrayOf(v.dtype, v.source.data) || v.source.data.length !== elementCount(v.shape))) throw graphError(`Constant %${v.id} does not hold ${v.dtype}${dims(v.shape)}.`);
    if (v.source?.kind === 'weight') {
      const w = v.source.weight;
      const bytes = w.kind === 'file' ? w.byteLength : w.data.length * byteSize(v.dtype);
      if (bytes !== byteLength(v)) throw graphError(`Weight "${v.name}" is ${v.dtype}${dims(v.shape)}, ${byteLength(v)} bytes, but its source has ${bytes}.`);
    }
    if (v.source) known.add(v);
  }
  g.nodes.forEach((n, k) => {
    const where = (): string => `Node ${k} (${n.op.name})`;
    for (const v of n.inputs) if (!known.has(v)) throw graphError(`${where()} reads %${v.id} before it exists.`);
    const types = n.op.infer(n.inputs, n.params);
    if (types.length !== n.outputs.length) throw graphError(`${where()} has ${n.outputs.length} outputs, its op gives ${types.length}.`);
    n.outputs.forEach((v, i) => {
      const t = types[i];
      if (!t || v.dtype !== t.dtype || !sameShape(v.shape, t.shape)) throw graphError(`${where()} declares ${v.dtype}${dims(v.shape)}, its op gives ${t?.dtype}${dims(t?.shape ?? [])}.`);
      if (v.node !== n) throw graphError(`${where()} does not own its output %${v.id}.`);
      known.add(v);
    });
  });
  for (const [name, v] of g.outputs) if (!known.has(v)) throw graphError(`Output "${name}" is not computed by this graph.`);
}
