/**
 * Activation checkpointing (Chen et al., 2016): the backward pass of a segment computes the segment's forward again from its inputs instead of keeping all
 * activations. Two orders must be forced, because the executor sorts nodes by data alone (measured: without them nothing is saved):
 * the copy waits for the gradient that enters the segment, and the gradient that leaves it waits for the segment's own parameter gradients.
 */

import { elementCount, isFloat } from '../dtype.ts';
import type { Graph, Node, Value } from '../node.ts';
import { barrier, mul, sigmoid } from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';
import { cse } from './cse.ts';
import { deadCode } from './dead-code.ts';
import { fromSources, partsToRepeat } from './recompute-parts.ts';

interface Segment { label: string; forward: Node[]; backward: Node[] }
interface Plan { segment: Segment; at: Node; wait: Value; copies: Node[]; guarded: Set<Value> }

function segmentsOf(g: Graph): Segment[] {
  const found = new Map<string, Segment>();
  for (const n of g.nodes) {
    if (n.segment === undefined) continue;
    let s = found.get(n.segment);
    if (!s) found.set(n.segment, s = { label: n.segment, forward: [], backward: [] });
    (n.backward ? s.backward : s.forward).push(n);
  }
  return [...found.values()].filter(s => s.forward.length > 0 && s.backward.length > 0);
}

/** What is computed again: everything of a segment; cheap ops only; or cheap ops and attention probabilities, but no product with a weight. */
export type RecomputeLevel = 'cheap' | 'attention' | 'all';

/** `labels` restricts it to some segments; default all. */
export function recompute(g: Graph, labels?: ReadonlySet<string>, level: RecomputeLevel = 'all'): Graph {
  const order = new Map(g.nodes.map((n, i) => [n, i]));
  const plans = segmentsOf(g).filter(s => labels?.has(s.label) ?? true).flatMap(s => plan(s, order, level) ?? []);
  const emitBefore = new Map(plans.map(p => [p.at, p]));
  const leaving = new Map(plans.flatMap(p => leavingGradient(g, p.segment, order) ?? []));
  /** Per segment: forward values and their recomputed copies; and the held form of each leaving gradient. In the target graph. */
  const copied = new Map<string, Map<Value, Value>>();
  const held = new Map<Value, Value>();

  // Copies compute some of what gradients compute for themselves.
  return cse(deadCode(rewrite(g, (n, inputs, target, map) => {
    const todo = emitBefore.get(n);
    if (todo) copied.set(todo.segment.label, target.mark(todo.segment.label, true, () => copyForward(todo, target, map)));
    const own = n.backward && n.segment !== undefined ? copied.get(n.segment) : undefined;
    const current = inputs.map((v, i) => {
      const original = n.inputs[i] as Value;
      const leaves = leaving.get(original);
      if (!leaves || original.node?.segment === n.segment || leaves.some(x => (order.get(x.node as Node) as number) > (order.get(n) as number))) return own?.get(original) ?? v;
      const made = held.get(original) ?? barrier(v, leaves.map(map));
      held.set(original, made);
      return made;
    });
    return target.apply(n.op, current, n.params);
  })));
}

function plan(s: Segment, order: ReadonlyMap<Node, number>, level: RecomputeLevel): Plan | undefined {
  const chosen = level === 'all' ? undefined : partsToRepeat(s.forward, s.backward, level);
  const inside = new Set(s.forward.flatMap(n => n.outputs));
  const guarded = new Set<Value>();
  // A copy is worth making only of what depends on a tensor that came in from an earlier computation.
  const dependent = new Set<Value>();
  for (const n of s.forward) {
    if (chosen?.has(n) === false) continue;
    // One input that waits is enough to make the copy wait: the smallest, because holding a tensor is a pass over it.
    const outer = n.inputs.filter(v => v.node && (chosen !== undefined || !inside.has(v)) && isFloat(v.dtype) && !fromSources(v));
    const any = n.inputs.some(v => dependent.has(v)) || outer.length > 0;
    if (outer.length > 0 && !n.inputs.some(v => dependent.has(v) || guarded.has(v))) guarded.add(outer.toSorted((a, b) => elementCount(a.shape) - elementCount(b.shape))[0] as Value);
    if (any) for (const o of n.outputs) dependent.add(o);
  }
  const at = s.backward.find(n => n.inputs.some(v => dependent.has(v)));
  if (!at) return undefined;
  const limit = order.get(at) as number;
  // The latest gradient that comes in: an earlier one (the residual path) would let the copy start a segment too soon.
  const made = (v: Value): number => order.get(v.node as Node) ?? -1;
  const entering = s.backward.filter(n => (order.get(n) as number) <= limit).flatMap(n => n.inputs)
    .filter(v => v.node?.backward && isFloat(v.dtype) && v.node.segment !== s.label && made(v) < limit)
    .toSorted((a, b) => made(b) - made(a))[0];
  if (!entering) return undefined;
  const needed = new Set(s.backward.flatMap(n => n.inputs).filter(v => dependent.has(v)));
  const copies: Node[] = [];
  for (const n of s.forward.toReversed()) {
    if (!n.outputs.some(o => needed.has(o)) || !n.outputs.some(o => dependent.has(o))) continue;
    copies.unshift(n);
    for (const v of n.inputs) if (dependent.has(v)) needed.add(v);
  }
  return { segment: s, at, wait: entering, copies, guarded };
}

function copyForward(p: Plan, target: Graph, map: (v: Value) => Value): Map<Value, Value> {
  const made = new Map<Value, Value>();
  const wait = map(p.wait);
  const read = (v: Value): Value => {
    const found = made.get(v);
    if (found) return found;
    if (!p.guarded.has(v)) return map(v);
    const held = barrier(map(v), [wait]);
    made.set(v, held);
    return held;
  };
  for (const n of p.copies) {
    const inputs = n.inputs.map(read);
    // As swiglu's gradient writes it, so that the two become one (cse).
    const copy = n.op.name === 'silu' ? [mul(sigmoid(inputs[0] as Value), inputs[0] as Value)] : target.apply(n.op, inputs, n.params);
    copy.forEach((v, i) => made.set(n.outputs[i] as Value, v));
  }
  // Backward nodes that read a guarded input directly may as well use the held one: same values, and the original can be freed earlier.
  return made;
}

/** The last gradient that goes on to other segments, with the parameter gradients (read by no backward node outside) that must be done before it goes. */
function leavingGradient(g: Graph, s: Segment, order: ReadonlyMap<Node, number>): [Value, Value[]][] {
  const own = new Set(s.backward);
  const made = new Set(s.backward.flatMap(n => n.outputs));
  const outward = new Set<Value>();
  const used = new Set<Value>();
  for (const n of g.nodes) if (!own.has(n)) for (const v of n.inputs) if (made.has(v)) { used.add(v); if (n.backward) outward.add(v); }
  for (const v of g.outputs.values()) if (made.has(v)) used.add(v);
  const leaves = [...used].filter(v => !outward.has(v) && isFloat(v.dtype));
  const last = [...outward].toSorted((a, b) => (order.get(b.node as Node) as number) - (order.get(a.node as Node) as number))[0];
  return last && leaves.length > 0 ? [[last, leaves]] : [];
}
