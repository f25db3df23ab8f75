/**
 * Simplifies: evaluates nodes whose inputs are all constants, drops identities (stopGradient, customGrad, x*1, x+0, casts and reshapes that cancel), and
 * feeds broadcasting ops directly instead of through an expanded copy, and puts padded pieces side by side instead of adding them. Exact up to the order of one rounding.
 */

import { elementCount, isFloat, sameShape, toFloat64, toTyped } from '../dtype.ts';
import { scalarOf } from '../node.ts';
import type { Graph, Node, Value } from '../node.ts';
import { nd } from '../nd.ts';
import * as e from '../emit.ts';
import * as o from '../ops/index.ts';
import { rewrite } from '../rewrite.ts';
import { broadcastShapes } from '../shape.ts';

/** Larger results stay computed: a program should not carry big tables. */
const FOLD_LIMIT = 65536;
const BROADCASTS = new Set(['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'where', 'greater', 'greaterEqual', 'less', 'lessEqual', 'equal']);

export function fold(g: Graph): Graph {
  return rewrite(g, (n, inputs, target) => identity(n, inputs) ?? constant(n, inputs, target) ?? cancel(n, inputs) ?? assemble(n, inputs) ?? broadcast(n, inputs, target));
}

function identity(n: Node, inputs: readonly Value[]): readonly Value[] | undefined {
  const x = inputs[0] as Value;
  const shape = n.outputs[0]?.shape ?? [];
  const keeps = (v: Value | undefined): v is Value => v !== undefined && sameShape(v.shape, shape);
  const is = (v: Value | undefined, k: number): boolean => v !== undefined && scalarOf(v) === k;
  const y = inputs[1];
  switch (n.op.name) {
    case 'stopGradient': return [x];
    case 'customGrad': return inputs.slice(0, n.outputs.length);
    case 'add': return is(y, 0) && keeps(x) ? [x] : is(x, 0) && keeps(y) ? [y] : undefined;
    case 'sub': return is(y, 0) && keeps(x) ? [x] : undefined;
    case 'mul': return is(y, 1) && keeps(x) ? [x] : is(x, 1) && keeps(y) ? [y] : undefined;
    case 'div': return is(y, 1) && keeps(x) ? [x] : undefined;
    default: return undefined;
  }
}

function constant(n: Node, inputs: readonly Value[], target: Graph): readonly Value[] | undefined {
  if (inputs.length === 0 || n.op.name === 'expand' || n.outputs.some(v => elementCount(v.shape) > FOLD_LIMIT)) return undefined;
  const data = [];
  for (const v of inputs) {
    if (v.source?.kind !== 'constant') return undefined;
    data.push(nd(v.shape, toFloat64(v.dtype, v.source.data)));
  }
  return n.op.eval(data, n.params).map((r, i) => { const v = n.outputs[i] as Value; return target.constant(toTyped(v.dtype, r.data), v.shape, v.dtype); });
}

/** Pairs that undo or absorb each other. */
function cancel(n: Node, inputs: readonly Value[]): readonly Value[] | undefined {
  const x = inputs[0];
  const before = x?.node;
  const inner = before?.inputs[0];
  if (!before || !inner || before.op.name !== n.op.name) return undefined;
  switch (n.op.name) {
    case 'reshape': return [o.reshape(inner, n.outputs[0]?.shape ?? [])];
    case 'neg': return [inner];
    case 'transpose': {
      const [outer, first] = [(n.params as { perm: number[] }).perm, (before.params as { perm: number[] }).perm];
      return [o.transpose(inner, outer.map(p => first[p] as number))];
    }
    default: return undefined;
  }
}

/** Two neighbours with zeros around, added: what the gradients of slices of one tensor come to. */
function assemble(n: Node, inputs: readonly Value[]): readonly Value[] | undefined {
  if (n.op.name !== 'add') return undefined;
  const [first, second] = inputs.flatMap(padded).sort((a, b) => a.before - b.before);
  if (!first || !second || first.axis !== second.axis || !sameShape(inputs[0]!.shape, inputs[1]!.shape)) return undefined;
  const { axis, before, after, inner } = { ...first, after: second.after, inner: [...pieces(first.inner, first.axis), ...pieces(second.inner, first.axis)] };
  if (first.before + (first.inner.shape[axis] as number) !== second.before) return undefined;
  const joined = o.concat(inner, axis);
  return [before + after === 0 ? joined : e.pad(joined, axis, before, after)];
}

const padded = (v: Value): { inner: Value; axis: number; before: number; after: number }[] => (v.node?.op.name === 'pad' ? [{ inner: v.node.inputs[0] as Value, ...(v.node.params as { axis: number; before: number; after: number }) }] : []);
const pieces = (v: Value, axis: number): readonly Value[] => (v.node?.op.name === 'concat' && (v.node.params as { axis: number }).axis === axis ? v.node.inputs : [v]);

/** Reads what an `expand` (or a reshape of one scalar) would have copied. */
function broadcast(n: Node, inputs: readonly Value[], target: Graph): readonly Value[] | undefined {
  if (!BROADCASTS.has(n.op.name)) return undefined;
  const shape = n.outputs[0]?.shape ?? [];
  let current = [...inputs];
  let changed = false;
  current.forEach((v, i) => {
    const small = source(v, target);
    if (small === v) return;
    const next = current.with(i, small);
    if (!sameShape(next.reduce<readonly number[]>((s, x) => broadcastShapes(s, x.shape, 'fold'), []), shape)) return;
    current = next;
    changed = true;
  });
  return changed ? target.apply(n.op, current, n.params) : undefined;
}

function source(v: Value, target: Graph): Value {
  if (!isFloat(v.dtype)) return v;
  if (v.source?.kind === 'constant' && elementCount(v.shape) === 1 && v.shape.length > 0) return target.constant(v.source.data, [], v.dtype);
  const inner = v.node?.inputs[0];
  if (!inner) return v;
  if (v.node?.op.name === 'expand') return source(inner, target);
  return v.node?.op.name === 'reshape' && inner.shape.length === 0 ? source(inner, target) : v;
}
