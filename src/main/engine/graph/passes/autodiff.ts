/** Reverse-mode differentiation: walks the nodes backwards from a scalar and appends each op's gradient to the same graph. Run it before any other pass. */

import { dims, graphError, isFloat } from '../dtype.ts';
import { add, fullLike } from '../ops/index.ts';
import type { Value } from '../node.ts';
import { verify } from '../verify.ts';

/** d loss / d wrt[i], each in the shape of wrt[i] (zeros where the loss does not depend on it). `loss` has one element, or `seed` gives the gradient of its elements. */
export function gradients(loss: Value, wrt: readonly Value[], seed?: Value): Value[] {
  const g = loss.graph;
  if (!seed && loss.shape.some(d => d !== 1)) throw graphError(`The loss must have one element, but its shape is ${dims(loss.shape)}.`);
  for (const w of wrt) if (!isFloat(w.dtype)) throw graphError(`Cannot differentiate by a tensor of type ${w.dtype}.`);

  // Values that depend on a wanted tensor, in node order.
  const depends = new Set<number>(wrt.map(w => w.id));
  const nodes = [...g.nodes];
  for (const n of nodes) {
    if (n.op.grad && n.inputs.some(v => depends.has(v.id))) for (const o of n.outputs) if (isFloat(o.dtype)) depends.add(o.id);
  }

  const pending = new Map<number, Value[]>();
  const total = (v: Value): Value | null => {
    const parts = pending.get(v.id);
    if (!parts) return null;
    const sum = parts.reduce((a, b) => add(a, b));
    pending.set(v.id, [sum]);
    return sum;
  };
  const start = g.mark(loss.node?.segment, true, () => seed ?? fullLike(loss, 1));
  pending.set(loss.id, [start]);
  for (const n of nodes.toReversed()) {
    if (!n.op.grad || !n.outputs.some(o => pending.has(o.id)) || !n.outputs.some(o => depends.has(o.id))) continue;
    const grad = n.op.grad.bind(n.op);
    g.mark(n.segment, true, () => {
      const dys = n.outputs.map(total);
      const needs = n.inputs.map(v => depends.has(v.id));
      const primary = dys[0] ?? fullLike(n.outputs[0] as Value, 0);
      const parts = grad({ graph: g, inputs: n.inputs, outputs: n.outputs, params: n.params, needs, dys }, primary);
      parts.forEach((part, i) => {
        const x = n.inputs[i];
        if (!part || !x || !needs[i]) return;
        if (part.shape.length !== x.shape.length || part.shape.some((d, k) => d !== x.shape[k])) throw graphError(`The gradient of ${n.op.name} for input ${i} has shape ${dims(part.shape)} instead of ${dims(x.shape)}.`);
        const list = pending.get(x.id);
        if (list) list.push(part); else pending.set(x.id, [part]);
      });
    });
  }
  const result = wrt.map(w => g.mark(w.node?.segment, true, () => total(w) ?? fullLike(w, 0)));
  verify(g);
  return result;
}
