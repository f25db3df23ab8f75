/** What a graph costs: floating point operations, kinds of nodes, and the peak of live memory by a walk in node order. */

import { byteLength, elementCount } from './dtype.ts';
import type { Graph, Node, Value } from './node.ts';

/** Multiply-adds count twice. Ops without a rule count one per output element. */
export const countFlops = (g: Graph): number => g.nodes.reduce((n, x) => n + nodeFlops(x), 0);
const nodeFlops = (n: Node): number => n.op.flops?.(n.inputs, n.outputs, n.params) ?? n.outputs.reduce((s, v) => s + elementCount(v.shape), 0);

/** Only the matrix products: what a share of the MatMul peak is measured against. */
export const countMatmulFlops = (g: Graph): number => g.nodes.reduce((n, x) => n + (x.op.name === 'matmul' || x.op.name === 'gemm' ? nodeFlops(x) : 0), 0);

export function histogram(g: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const n of g.nodes) counts[n.op.name] = (counts[n.op.name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).toSorted((a, b) => (b[1] - a[1]) || a[0].localeCompare(b[0])));
}

export interface MemoryPlan {
  /** Frozen tensors as stored (bytes), and as float copies where the graph casts them. */
  readonly weights: number;
  readonly castWeights: number;
  /** Packed copies: one per frozen rank-2 weight and direction in which a matmul reads it. */
  readonly prepacked: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Forward tensors that a backward node reads. */
  readonly saved: number;
  /** Largest sum of live computed tensors, outputs included, at any node. */
  readonly peak: number;
  readonly peakNode: string;
  /** The same where outputs are written into memory of the caller's. */
  readonly peakBeside: number;
}

const ALIASES = new Set(['reshape', 'stopGradient', 'customGrad']);
const IN_PLACE = new Set(['add', 'sub', 'mul', 'div', 'neg', 'exp', 'log', 'sqrt', 'reciprocal', 'tanh', 'sigmoid', 'softmax', 'barrier']);

/** Peak live bytes when the nodes run in order, the graph's own or the given one. Reshapes share their input's buffer; element-wise ops take over a dying input of the same size, as ORT does. */
export function planMemory(g: Graph, nodes: readonly Node[] = g.nodes): MemoryPlan {
  const frozen = frozenValues(g);
  const root = new Map<Value, Value>();
  const rootOf = (v: Value): Value => root.get(v) ?? v;
  for (const n of nodes) if (ALIASES.has(n.op.name)) n.outputs.forEach((v, i) => root.set(v, rootOf(n.inputs[i] as Value)));
  const { peak, peakNode } = walk(g, nodes, frozen, rootOf, true);

  const sum = (vs: Iterable<Value>): number => { let s = 0; for (const v of vs) s += byteLength(v); return s; };
  const saved = new Set<Value>();
  for (const n of g.nodes) if (n.backward) for (const v of n.inputs) { const r = rootOf(v); if (r.node && !r.node.backward && !frozen.has(r)) saved.add(r); }
  const packed = new Map<string, number>();
  for (const n of g.nodes) {
    const b = n.op.name === 'matmul' || n.op.name === 'gemm' ? n.inputs[1] : undefined;
    if (b && b.shape.length === 2 && (frozen.has(b) || b.source?.kind === 'weight')) packed.set(`${b.id} ${(n.params as { transB: boolean }).transB}`, byteLength(b));
  }
  const prepacked = [...packed.values()].reduce((a, b) => a + b, 0);
  return { weights: sum(g.weights), castWeights: sum(frozen), prepacked, inputs: sum(g.inputs), outputs: sum(g.outputs.values()), saved: sum(saved), peak, peakNode, peakBeside: walk(g, nodes, frozen, rootOf, false).peak };
}

/** `outputs`: they are among what is live. */
function walk(g: Graph, nodes: readonly Node[], frozen: ReadonlySet<Value>, rootOf: (v: Value) => Value, outputs: boolean): { peak: number; peakNode: string } {
  const lastUse = new Map<Value, number>();
  nodes.forEach((n, k) => { for (const v of n.inputs) lastUse.set(rootOf(v), k); for (const v of n.outputs) if (!lastUse.has(rootOf(v))) lastUse.set(rootOf(v), k); });
  if (outputs) for (const v of g.outputs.values()) lastUse.set(rootOf(v), nodes.length);
  const elsewhere = new Set(outputs ? [] : g.outputs.values());
  const dying = new Map<number, Value[]>();
  for (const [v, k] of lastUse) if (v.node && !frozen.has(v) && !elsewhere.has(v)) dying.set(k, [...(dying.get(k) ?? []), v]);

  let live = 0;
  let peak = 0;
  let peakNode = '';
  nodes.forEach((n, k) => {
    const dead = dying.get(k) ?? [];
    let reused = IN_PLACE.has(n.op.name) ? dead.find(v => n.inputs.some(x => rootOf(x) === v) && byteLength(v) === byteLength(n.outputs[0] as Value)) : undefined;
    for (const v of n.outputs) {
      if (rootOf(v) !== v || frozen.has(v) || elsewhere.has(v)) continue;
      if (reused) { live -= byteLength(reused); }
      live += byteLength(v);
      if (live > peak) { peak = live; peakNode = `${n.segment === undefined ? '' : `${n.segment}/`}${n.backward ? 'bwd/' : ''}${n.op.name}`; }
      if (reused) { live += byteLength(reused); reused = undefined; }
    }
    for (const v of dead) live -= byteLength(v);
  });
  return { peak, peakNode };
}

/** Values computed from weights and constants alone: ORT makes them once, at load. */
function frozenValues(g: Graph): Set<Value> {
  const frozen = new Set<Value>();
  for (const n of g.nodes) if (n.inputs.length > 0 && n.inputs.every(v => frozen.has(v) || (v.source && v.source.kind !== 'input'))) for (const o of n.outputs) frozen.add(o);
  return frozen;
}
