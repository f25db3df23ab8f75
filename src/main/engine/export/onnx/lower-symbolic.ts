/** From the same graph built at several sizes to one list of ONNX nodes with free dimensions. The builds must agree node by node; where a shape differs, it is solved for (sizes.ts). */
import { AnnealError } from '../../../../shared/errors.ts';
import { toTyped, type DType, type TensorType, type TypedArray } from '../../graph/dtype.ts';
import type { Graph, Value } from '../../graph/node.ts';
import type { Attribute, LowerContext } from '../../graph/op.ts';
import { extentKey, solve, type Extent } from './sizes.ts';

export interface OnnxNode { opType: string; inputs: string[]; outputs: string[]; attributes: Record<string, Attribute>; domain: '' | 'ms' }
export interface FreeTensor { name: string; dtype: DType; shape: Extent[] }
/** int64 vectors may hold free sizes; other constants are the same at every size. */
export type OnnxConstant = { name: string; dtype: DType; shape: readonly number[]; data: TypedArray } | { name: string; extents: Extent[]; /** A scalar or a vector. */ rank: number };
export interface SymbolicModel { nodes: OnnxNode[]; constants: OnnxConstant[]; inputs: FreeTensor[]; weights: WeightTensor[]; outputs: FreeTensor[] }
export interface WeightTensor { name: string; dtype: DType; shape: readonly number[] }

interface Constant { name: string; dtype: DType; shape: readonly number[]; data: TypedArray }
interface Lowered { nodes: OnnxNode[]; constants: Constant[]; graph: Graph }

export function lowerSymbolic(graphs: readonly Graph[]): SymbolicModel {
  const built = graphs.map(lower), first = built[0] as Lowered;
  for (const other of built) {
    if (other.nodes.length !== first.nodes.length || other.constants.length !== first.constants.length) throw differs('their number');
    other.nodes.forEach((node, i) => { if (JSON.stringify(node) !== JSON.stringify(first.nodes[i])) throw differs(`${node.opType} at ${i}`); });
  }
  const names = new Map<string, string>(), constants: OnnxConstant[] = [], byKey = new Map<string, string>();
  first.constants.forEach((c, i) => {
    const unified = unify(built.map((b) => b.constants[i] as Constant)), key = keyOf(unified), known = key === null ? undefined : byKey.get(key);
    if (known !== undefined) { names.set(c.name, known); return; }
    if (key !== null) byKey.set(key, c.name);
    constants.push(unified);
  });
  const nodes = first.nodes.map((n) => ({ ...n, inputs: n.inputs.map((name) => names.get(name) ?? name) }));
  const free = (name: string, values: readonly Value[]): FreeTensor => ({ name, dtype: (values[0] as Value).dtype, shape: (values[0] as Value).shape.map((_, axis) => solve(values.map((v) => v.shape[axis] as number))) });
  return {
    nodes, constants,
    inputs: first.graph.inputs.map((v) => free(v.name as string, graphs.map((g) => g.inputs.find((i) => i.name === v.name) as Value))),
    weights: first.graph.weights.map((v) => ({ name: v.name as string, dtype: v.dtype, shape: v.shape })),
    outputs: [...first.graph.outputs.keys()].map((name) => free(name, graphs.map((g) => g.outputs.get(name) as Value))),
  };
}

const differs = (what: string): AnnealError => new AnnealError('graph-invalid', `The decoder cannot be written with free sizes: its nodes differ between sizes (${what}).`);

/** Every constant gets a name of its own here: which of them are equal may depend on the sizes. */
function lower(graph: Graph): Lowered {
  const nodes: OnnxNode[] = [], constants: Constant[] = [], names = new Map<Value, string>(), shared = new Map<string, string>();
  let counter = 0;
  const fresh = (hint: string): string => `${hint}_${counter++}`;
  const constant = (dtype: DType, shape: readonly number[], data: readonly number[] | TypedArray): string => {
    const name = fresh('c');
    constants.push({ name, dtype, shape, data: ArrayBuffer.isView(data) ? data : toTyped(dtype, data) });
    return name;
  };
  const nameOf = (v: Value): string => {
    const known = names.get(v);
    if (known !== undefined) return known;
    if (v.source?.kind !== 'constant') throw new AnnealError('graph-invalid', `Value %${v.id} has no ONNX name.`);
    const name = constant(v.dtype, v.shape, v.source.data);
    names.set(v, name);
    return name;
  };
  for (const v of graph.values) if (v.source?.kind === 'input' || v.source?.kind === 'weight') names.set(v, v.name as string);
  for (const [name, v] of graph.outputs) if (v.node && !names.has(v)) names.set(v, name);
  for (const n of graph.nodes) {
    for (const out of n.outputs) if (!names.has(out)) names.set(out, fresh('v'));
    const types = (values: readonly Value[]): TensorType[] => values.map(({ dtype, shape }) => ({ dtype, shape }));
    const ctx: LowerContext<object> = {
      params: n.params, inputs: n.inputs.map(nameOf), inputTypes: types(n.inputs), outputs: n.outputs.map((v) => names.get(v) as string), outputTypes: types(n.outputs), provider: 'portable', constant,
      shared(key, make) { const found = shared.get(key) ?? make(); shared.set(key, found); return found; },
      node(opType, inputs, attributes = {}, outputs = [fresh('t')], domain = '') { nodes.push({ opType, inputs: [...inputs], outputs: [...outputs], attributes, domain }); return [...outputs]; },
    };
    n.op.lower(ctx);
  }
  for (const [name, v] of graph.outputs) if (nameOf(v) !== name) nodes.push({ opType: 'Identity', inputs: [nameOf(v)], outputs: [name], attributes: {}, domain: '' });
  return { nodes, constants, graph };
}

function unify(all: readonly Constant[]): OnnxConstant {
  const [c] = all as [Constant], same = all.every((o) => sameBytes(o, c));
  if (same && !(c.dtype === 'int64' && c.shape.length <= 1)) return c;
  const shapes = all.every((o) => o.dtype === c.dtype && o.shape.length === c.shape.length && o.shape.every((d, i) => d === c.shape[i]));
  if (!shapes || c.dtype !== 'int64' || c.shape.length > 1) throw differs(`a ${c.dtype} constant of ${c.data.length} values`);
  return { name: c.name, rank: c.shape.length, extents: Array.from({ length: c.data.length }, (_, i) => solve(all.map((o) => Number(o.data[i])))) };
}
function sameBytes(a: Constant, b: Constant): boolean {
  if (a === b) return true;
  const bytes = ({ data }: Constant): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i]) && bytes(a).equals(bytes(b));
}
/** Equal small constants are written once. */
function keyOf(c: OnnxConstant): string | null {
  if ('extents' in c) return `x${c.rank}:${c.extents.map(extentKey).join()}`;
  return c.data.length > 64 ? null : `${c.dtype}[${c.shape.join()}]${Array.from(c.data as ArrayLike<number | bigint>, (x) => (Object.is(x, -0) ? '-0' : String(x))).join()}`;
}
