/** A model with free dimensions as ONNX bytes (IR 10, opset 21, standard ops only). Large tensors go into a data file beside it; their places are known before the first byte is written.
 * Field numbers: onnx.proto3 of ONNX 1.16; external data: docs/ExternalData.md there. */
import { AnnealError } from '../../../../shared/errors.ts';
import { byteLength, byteSize } from '../../graph/dtype.ts';
import { ONNX_TYPE } from '../../graph/onnx-type.ts';
import type { Attribute } from '../../graph/op.ts';
import { attributeProto } from '../../onnx/attribute-proto.ts';
import { ProtoWriter } from '../../onnx/protobuf.ts';
import { COMPUTED } from './decoder-graph.ts';
import type { FreeTensor, OnnxConstant, OnnxNode, SymbolicModel, WeightTensor } from './lower-symbolic.ts';
import { SIZE_NAMES, extentKey, type Expression, type Extent, type SizeName } from './sizes.ts';

const OPSET = 21;
/** Below this, all weights stand in the model file itself. */
const INLINE_LIMIT = 100_000_000;
/** Tensors of at least this many bytes go into the data file, where there is one. */
const WORTH_EXTERNAL = 1024;
const ALIGN = 4096;

/** Where a weight's bytes come from. */
export type WeightBytes = (name: string) => Uint8Array;
export interface DataPlace { name: string; offset: number; bytes: number; /** Bytes of a constant; of a weight null. */ data: Uint8Array | null }
export interface EncodedOnnx { model: Uint8Array; /** In order of their offsets; empty when everything is inline. */ external: readonly DataPlace[]; externalBytes: number }

/** `dataFile`: name of the data file. Inline weights are asked from `weight`; give zeros to learn the size. */
export function encodeOnnx(symbolic: SymbolicModel, dataFile: string, weight: WeightBytes): EncodedOnnx {
  const { nodes, constants, inputs, weights, outputs } = symbolic;
  const external: DataPlace[] = [], graph = new ProtoWriter(), prelude = new Prelude(symbolic);
  const all = weights.reduce((n, w) => n + byteLength(w), 0), inline = all < INLINE_LIMIT;
  let end = 0;
  const place = (name: string, bytes: number, data: Uint8Array | null): DataPlace => {
    const offset = Math.ceil(end / ALIGN) * ALIGN;
    end = offset + bytes;
    const made = { name, offset, bytes, data };
    external.push(made);
    return made;
  };
  const initializer = (t: WeightTensor, bytes: () => Uint8Array, data: Uint8Array | null): ProtoWriter => {
    const proto = new ProtoWriter().ints(1, t.shape).int(2, ONNX_TYPE[t.dtype]).text(8, t.name), size = byteLength(t);
    if (inline || size < WORTH_EXTERNAL) return proto.bytes(9, bytes());
    const at = place(t.name, size, data);
    for (const [key, value] of [['location', dataFile], ['offset', String(at.offset)], ['length', String(size)]] as const) proto.message(13, new ProtoWriter().text(1, key).text(2, value));
    return proto.int(14, 1);
  };
  const initializers = weights.map((w) => initializer(w, () => weight(w.name), null));
  for (const c of constants) {
    if ('extents' in c) { prelude.extents(c); continue; }
    const raw = new Uint8Array(c.data.buffer, c.data.byteOffset, c.data.byteLength);
    initializers.push(initializer(c, () => raw, raw));
  }
  for (const i of inputs) if (!Object.values<string>(COMPUTED).includes(i.name)) graph.message(11, valueInfo(i));
  for (const out of outputs) graph.message(12, valueInfo(out));
  for (const [k, n] of [...prelude.nodes, ...nodes].entries()) graph.message(1, nodeProto(n, k));
  graph.text(2, 'anneal');
  for (const t of [...prelude.initializers, ...initializers]) graph.message(5, t);
  const model = new ProtoWriter().int(1, 10).text(2, 'anneal').message(7, graph).message(8, new ProtoWriter().text(1, '').int(2, OPSET)).finish();
  return { model, external, externalBytes: end };
}

function valueInfo({ name, dtype, shape }: FreeTensor): ProtoWriter {
  const dims = new ProtoWriter();
  for (const d of shape) dims.message(1, typeof d === 'number' ? new ProtoWriter().int(1, d) : d.offset === 0 && d.factor === 1 && d.of.length === 1 ? new ProtoWriter().text(2, d.of[0] as string) : new ProtoWriter());
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, new ProtoWriter().int(1, ONNX_TYPE[dtype]).message(2, dims)));
}

function nodeProto({ opType, inputs, outputs, attributes, domain }: OnnxNode, index: number): ProtoWriter {
  if (domain !== '') throw new AnnealError('graph-invalid', `The decoder needs the op ${opType} of another domain, which not every program has.`, { op: opType });
  const w = new ProtoWriter();
  for (const i of inputs) w.text(1, i);
  for (const o of outputs) w.text(2, o);
  w.text(3, `${opType}_${index}`).text(4, opType);
  for (const [key, a] of Object.entries(attributes)) w.message(5, attributeProto(key, a));
  return w;
}

/** Nodes before the decoder: sizes read from the inputs' shapes, the shapes made of them, and the inputs that are computed. */
class Prelude {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: ProtoWriter[] = [];
  readonly #made = new Map<string, string>();
  #counter = 0;

  constructor({ inputs }: SymbolicModel) {
    const wanted = new Set(inputs.map((i) => i.name)), past = this.#scalar('past_sequence_length'), total = this.#scalar('total_sequence_length'), one = this.#int('one', [], [1]), zero = this.#int('zero', [], [0]);
    const range = (from: string, name: string): void => { if (wanted.has(name)) this.#node('Cast', this.#node('Range', [from, total, one]), { to: { int: ONNX_TYPE.float32 } }, name); };
    range(past, COMPUTED.query);
    range(zero, COMPUTED.key);
    if (wanted.has(COMPUTED.total)) this.#node('Expand', [this.#size('total_sequence_length'), ...this.#node('Concat', [this.#size('batch_size'), this.#int('ones', [1], [1])], { axis: { int: 0 } })], {}, COMPUTED.total);
  }

  /** An int64 vector or scalar that holds free sizes. */
  extents({ name, extents, rank }: Extract<OnnxConstant, { extents: Extent[] }>): void {
    if (extents.every((e) => typeof e === 'number')) { this.#int(name, rank === 0 ? [] : [extents.length], extents, true); return; }
    const parts = extents.map((e) => (typeof e === 'number' ? this.#int(`n${e}`, [1], [e]) : this.#expression(e)));
    if (rank === 0) { this.#node('Reshape', [parts[0] as string, this.#int('scalar', [0], [])], {}, name); return; }
    this.#node('Concat', parts, { axis: { int: 0 } }, name);
  }

  #expression(e: Expression): string {
    const key = extentKey(e), known = this.#made.get(key);
    if (known !== undefined) return known;
    let value = e.of.map((name) => this.#size(name)).reduce((a, b) => this.#node('Mul', [a, b])[0] as string);
    if (e.factor !== 1) value = this.#node('Mul', [value, this.#int(`n${e.factor}`, [1], [e.factor])])[0] as string;
    if (e.offset !== 0) value = this.#node('Add', [value, this.#int(`n${e.offset}`, [1], [e.offset])])[0] as string;
    this.#made.set(key, value);
    return value;
  }

  /** A size as a vector of one. */
  #size(name: SizeName): string {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const [from, axis] = { batch_size: ['input_ids', 0], sequence_length: ['input_ids', 1], past_sequence_length: ['past_key_values.0.key', 2], total_sequence_length: ['attention_mask', 1] }[name] as [string, number];
    const [made] = this.#node('Shape', [from], { start: { int: axis }, end: { int: axis + 1 } }, `#${SIZE_NAMES.find((n) => n === name) ?? ''}`) as [string];
    this.#made.set(name, made);
    return made;
  }
  #scalar(name: SizeName): string { return this.#node('Reshape', [this.#size(name), this.#int('scalar', [0], [])])[0] as string; }

  #int(name: string, shape: readonly number[], values: readonly number[], own = false): string {
    const full = own ? name : `#${name}`, known = this.#made.get(full);
    if (known !== undefined) return known;
    const data = BigInt64Array.from(values, BigInt), proto = new ProtoWriter();
    if (shape.length > 0) proto.ints(1, shape);
    this.initializers.push(proto.int(2, ONNX_TYPE.int64).text(8, full).bytes(9, new Uint8Array(data.buffer, 0, data.length * byteSize('int64'))));
    this.#made.set(full, full);
    return full;
  }
  #node(opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, output = `#p${this.#counter++}`): string[] {
    this.nodes.push({ opType, inputs: [...inputs], outputs: [output], attributes, domain: '' });
    return [output];
  }
}
