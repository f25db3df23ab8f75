/** Which nodes of a segment are worth computing twice for the memory of their results, where not all of them are (recompute.ts). */

import { isFloat } from '../dtype.ts';
import { scalarOf } from '../node.ts';
import type { Node, Value } from '../node.ts';

/** Ops that cost next to nothing beside the memory of their result: norms and activation functions. Sums of two tensors are not among them: their results are what the products leave anyway. */
const CHEAP = new Set(['mul', 'sub', 'neg', 'sigmoid', 'tanh', 'silu', 'erf', 'softplus', 'maximum', 'minimum', 'sqrt', 'reciprocal', 'reduceMean']);
/** What may lie between attention's product of queries and keys and its softmax: a cap, a mask. */
const SCORING = new Set(['softmax', 'reshape', 'add', 'mul', 'tanh', 'where']);

/** Without `attention` cheap ops alone; with it also probabilities, from the queries and keys that are kept. Never a product with a weight. */
export function partsToRepeat(forward: readonly Node[], backward: readonly Node[], level: 'cheap' | 'attention'): ReadonlySet<Node> {
  const kept = new Set(backward.flatMap(n => n.inputs));
  const chosen = new Set(level === 'attention' ? forward.filter(n => n.op.name === 'softmax').flatMap(n => scoring(n) ?? []) : []);
  for (const n of forward) if (isCheap(n) || isPart(n, kept) || (n.op.name === 'reshape' && chosen.has(n.inputs[0]?.node as Node))) chosen.add(n);
  return chosen;
}

function isCheap(n: Node): boolean {
  return CHEAP.has(n.op.name) || (n.op.name === 'add' && n.inputs.some(v => scalarOf(v) !== undefined));
}

/** A slice of what is kept whole as well: the keys that a chunk of queries sees. */
function isPart(n: Node, kept: ReadonlySet<Value>): boolean {
  const whole = n.inputs[0] as Value;
  return n.op.name === 'slice' && isFloat(whole.dtype) && kept.has(whole) && !fromSources(whole);
}

/** From a softmax back to the product of two activations that it is of, both included; nothing where there is no such product. */
function scoring(softmax: Node): Node[] | undefined {
  const found = new Set<Node>();
  let product = false;
  const walk = (n: Node): void => {
    if (found.has(n) || n.backward || n.segment !== softmax.segment) return;
    const isProduct = n.op.name === 'matmul';
    if (isProduct ? n.inputs.some(fromSources) : !SCORING.has(n.op.name)) return;
    found.add(n);
    product ||= isProduct;
    if (!isProduct) for (const v of n.inputs) if (v.node) walk(v.node);
  };
  walk(softmax);
  return product ? [...found] : undefined;
}

/** Casts and slices of inputs and weights are not activations: they are there for the whole step. */
export function fromSources(v: Value): boolean {
  return v.source ? v.source.kind !== 'input' || isFloat(v.dtype) : ['cast', 'slice', 'reshape', 'transpose'].includes(v.node?.op.name ?? '') && (v.node?.inputs.every(fromSources) ?? false);
}
