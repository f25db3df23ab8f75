/**
 * A graph as ONNX bytes (IR 10, opset 21, contrib domain com.microsoft 1). Weights of kind 'file' become external data that points into the file itself:
 * `location` is the path as the options map it, `offset` and `length` are the tensor's bytes. Field numbers: onnx.proto3 of ONNX 1.16.
 */

import { byteLength, dims, toTyped } from '../graph/dtype.ts';
import type { DType, TensorType, TypedArray } from '../graph/dtype.ts';
import type { Graph, Node, Value } from '../graph/node.ts';
import type { Attribute, LowerContext } from '../graph/op.ts';
import { ONNX_TYPE } from '../graph/onnx-type.ts';
import { attributeProto } from './attribute-proto.ts';
import { ProtoWriter } from './protobuf.ts';

export const OPSET = 21;
export interface WriteOptions {
  provider?: string;
  /** The `location` written for a weight file; default: the path itself. */
  location?: (path: string) => string;
}
export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Every weight file that the model points into, with its location. */
  readonly externalFiles: readonly { path: string; location: string }[];
  /** ONNX node name to the graph node it came from, for error messages. */
  readonly nodeNames: ReadonlyMap<string, Node>;
  readonly nodeCount: number;
}

const rawBytes = (data: TypedArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function tensorProto(name: string, type: TensorType): ProtoWriter {
  return new ProtoWriter().ints(1, type.shape).int(2, ONNX_TYPE[type.dtype]).text(8, name);
}

function valueInfo(name: string, type: TensorType): ProtoWriter {
  const shape = new ProtoWriter();
  for (const d of type.shape) shape.message(1, new ProtoWriter().int(1, d));
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, new ProtoWriter().int(1, ONNX_TYPE[type.dtype]).message(2, shape)));
}

export function writeOnnx(g: Graph, options: WriteOptions = {}): OnnxModel {
  const provider = options.provider ?? 'cpu';
  const location = options.location ?? (path => path);
  const graph = new ProtoWriter();
  const body: ProtoWriter[] = [];
  const initializers: ProtoWriter[] = [];
  const names = new Map<Value, string>();
  const used = new Set<string>([...g.outputs.keys(), ...g.values.flatMap(v => v.name ?? [])]);
  const external = new Map<string, string>();
  const nodeNames = new Map<string, Node>();
  const constants = new Map<string, string>();
  const shared = new Map<string, string>();
  let counter = 0;
  const fresh = (hint: string): string => { let s: string; do s = `${hint}_${counter++}`; while (used.has(s)); return s; };

  const constant = (dtype: DType, shape: readonly number[], data: readonly number[] | TypedArray): string => {
    const typed = ArrayBuffer.isView(data) ? data : toTyped(dtype, data);
    const key = typed.length <= 64 ? `${dtype}${dims(shape)}${Array.from(typed as ArrayLike<number | bigint>, x => (Object.is(x, -0) ? '-0' : String(x))).join()}` : undefined;
    const found = key === undefined ? undefined : constants.get(key);
    if (found) return found;
    const name = fresh('c');
    initializers.push(tensorProto(name, { dtype, shape }).bytes(9, rawBytes(typed)));
    if (key !== undefined) constants.set(key, name);
    return name;
  };
  const nameOf = (v: Value): string => {
    const found = names.get(v);
    if (found) return found;
    if (v.source?.kind !== 'constant') throw new Error(`Value %${v.id} has no ONNX name.`);
    const name = constant(v.dtype, v.shape, v.source.data);
    names.set(v, name);
    return name;
  };

  for (const v of g.values) {
    if (v.source?.kind === 'input') { names.set(v, v.name as string); graph.message(11, valueInfo(v.name as string, v)); }
    if (v.source?.kind !== 'weight') continue;
    names.set(v, v.name as string);
    const w = v.source.weight;
    const t = tensorProto(v.name as string, v);
    if (w.kind === 'data') { initializers.push(t.bytes(9, rawBytes(w.data))); continue; }
    const place = external.get(w.path) ?? location(w.path);
    external.set(w.path, place);
    for (const [key, value] of [['location', place], ['offset', String(w.offset)], ['length', String(byteLength(v))]] as const) t.message(13, new ProtoWriter().text(1, key).text(2, value));
    initializers.push(t.int(14, 1));
  }

  const emit = (owner: Node, opType: string, inputs: readonly string[], attributes: Record<string, Attribute>, outputs: readonly string[], domain: '' | 'ms'): void => {
    const name = `${owner.segment === undefined ? '' : `${owner.segment}/`}${owner.backward ? 'bwd/' : ''}${owner.op.name}_${body.length}`;
    const w = new ProtoWriter();
    for (const i of inputs) w.text(1, i);
    for (const o of outputs) w.text(2, o);
    w.text(3, name).text(4, opType);
    for (const [key, a] of Object.entries(attributes)) w.message(5, attributeProto(key, a));
    if (domain === 'ms') w.text(7, 'com.microsoft');
    body.push(w);
    nodeNames.set(name, owner);
  };

  // An output that is its own node result gets its name directly; a source or a value with two output names needs a copy.
  for (const [name, v] of g.outputs) if (v.node && !names.has(v)) names.set(v, name);
  for (const n of g.nodes) {
    for (const o of n.outputs) if (!names.has(o)) names.set(o, fresh('v'));
    const ctx: LowerContext<object> = {
      params: n.params, inputs: n.inputs.map(nameOf), inputTypes: n.inputs, outputs: n.outputs.map(nameOf), outputTypes: n.outputs, provider, constant,
      shared(key, make) { const found = shared.get(key) ?? make(); shared.set(key, found); return found; },
      node(opType, inputs, attributes = {}, outputs = [fresh('t')], domain = '') { emit(n, opType, inputs, attributes, outputs, domain); return [...outputs]; },
    };
    n.op.lower(ctx);
  }
  for (const [name, v] of g.outputs) {
    if (nameOf(v) !== name) body.push(new ProtoWriter().text(1, nameOf(v)).text(2, name).text(3, `output_${name}`).text(4, 'Identity'));
    graph.message(12, valueInfo(name, v));
  }
  for (const n of body) graph.message(1, n);
  graph.text(2, 'anneal');
  for (const t of initializers) graph.message(5, t);
  const model = new ProtoWriter().int(1, 10).text(2, 'anneal').message(7, graph)
    .message(8, new ProtoWriter().text(1, '').int(2, OPSET)).message(8, new ProtoWriter().text(1, 'com.microsoft').int(2, 1));
  return { bytes: model.finish(), externalFiles: [...external].map(([path, place]) => ({ path, location: place })), nodeNames, nodeCount: body.length };
}
