/**
 * The tensor graph: values, nodes and the Graph that owns them. Shapes are static. Nodes stand in topological order because
 * a node can only be made from values that exist. Sources (inputs, frozen weights, constants) are values without a node.
 */

import { dims, elementCount, graphError, isFloat, shapeError, toTyped } from './dtype.ts';
import type { DType, Real, TypedArray } from './dtype.ts';
import type { Op } from './op.ts';

export type { DType, Real, TypedArray } from './dtype.ts';

/** `file` points at raw little-endian elements inside a file, for instance into a safetensors file. */
export type WeightSource =
  | { readonly kind: 'data'; readonly data: TypedArray }
  | { readonly kind: 'file'; readonly path: string; readonly offset: number; readonly byteLength: number };

export type Source =
  | { readonly kind: 'input' }
  | { readonly kind: 'weight'; readonly weight: WeightSource }
  | { readonly kind: 'constant'; readonly data: TypedArray };

export interface Value {
  readonly graph: Graph;
  readonly id: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Set for inputs and weights. */
  readonly name?: string;
  readonly source?: Source;
  readonly node?: Node;
}

export interface Node {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly params: object;
  /** The layer this node was built in, or whose gradient it computes. */
  readonly segment?: string;
  readonly backward: boolean;
}

/** Backward rule of a `customGrad` group: gradients for the listed inputs from the gradients of the results (null = no gradient). */
export type CustomBackward = (dys: readonly (Value | null)[], needs: readonly boolean[]) => (Value | null)[];

export class Graph {
  readonly real: Real;
  readonly values: Value[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  readonly customBackward = new Map<number, CustomBackward>();
  #names = new Set<string>();
  #segment: string | undefined;
  #backward = false;
  #constants = new Map<string, Value>();

  /** `real` is the float type that composites and models build in. */
  constructor(options: { real?: Real } = {}) { this.real = options.real ?? 'float32'; }

  get inputs(): Value[] { return this.values.filter(v => v.source?.kind === 'input'); }
  get weights(): Value[] { return this.values.filter(v => v.source?.kind === 'weight'); }

  input(name: string, shape: readonly number[], dtype: DType = this.real): Value {
    return this.#source(name, shape, dtype, { kind: 'input' });
  }

  /** A frozen tensor. 16-bit floats are declared as stored; use `asReal` (ops) to compute with them. */
  weight(name: string, shape: readonly number[], dtype: DType, source: WeightSource): Value {
    return this.#source(name, shape, dtype, { kind: 'weight', weight: source });
  }

  /** A small tensor that is part of the program. Equal scalars are shared. */
  constant(data: number | readonly number[] | TypedArray, shape?: readonly number[], dtype: DType = this.real): Value {
    const array = typeof data === 'number' ? toTyped(dtype, [data]) : ArrayBuffer.isView(data) ? data : toTyped(dtype, data);
    const size = shape ?? (typeof data === 'number' ? [] : [array.length]);
    if (elementCount(size) !== array.length) throw shapeError(`A constant of shape ${dims(size)} needs ${elementCount(size)} elements but got ${array.length}.`);
    const key = array.length <= 8 ? `${dtype}${dims(size)}${Array.from(array as ArrayLike<number | bigint>, x => (Object.is(x, -0) ? '-0' : String(x))).join()}` : undefined;
    const found = key === undefined ? undefined : this.#constants.get(key);
    if (found) return found;
    const value = this.#add({ graph: this, id: this.values.length, dtype, shape: [...size], source: { kind: 'constant', data: array } });
    if (key !== undefined) this.#constants.set(key, value);
    return value;
  }

  output(name: string, value: Value): void {
    if (value.graph !== this) throw graphError(`Output "${name}" belongs to another graph.`);
    if (this.outputs.has(name) || this.#names.has(name)) throw graphError(`The name "${name}" is used twice in one graph.`);
    this.outputs.set(name, value);
  }

  /** Appends a node; the op's `infer` gives (and checks) the output types. */
  apply(op: Op, inputs: readonly Value[], params: object = {}): Value[] {
    for (const v of inputs) if (v.graph !== this) throw graphError(`An input of ${op.name} belongs to another graph.`);
    const types = op.infer(inputs, params);
    const outputs: Value[] = [];
    const node: Node = { op, inputs: [...inputs], outputs, params, segment: this.#segment, backward: this.#backward };
    for (const t of types) outputs.push(this.#add({ graph: this, id: this.values.length, dtype: t.dtype, shape: t.shape, node }));
    this.nodes.push(node);
    return outputs;
  }

  /** Marks all nodes built inside `body` as one segment: the unit that `recompute` computes again in the backward pass. */
  segment<T>(label: string, body: () => T): T {
    return this.mark(label, this.#backward, body);
  }

  /** For passes: builds nodes with the given marks. */
  mark<T>(segment: string | undefined, backward: boolean, body: () => T): T {
    const before = [this.#segment, this.#backward] as const;
    this.#segment = segment;
    this.#backward = backward;
    try { return body(); } finally { [this.#segment, this.#backward] = before; }
  }

  #source(name: string, shape: readonly number[], dtype: DType, source: Source): Value {
    if (this.#names.has(name) || this.outputs.has(name)) throw graphError(`The name "${name}" is used twice in one graph.`);
    if (shape.some(d => !Number.isInteger(d) || d < 0)) throw shapeError(`"${name}" has an invalid shape ${dims(shape)}.`);
    if (source.kind === 'input' && dtype === 'bfloat16') throw graphError(`Input "${name}" cannot be bfloat16: only stored weights can.`);
    this.#names.add(name);
    return this.#add({ graph: this, id: this.values.length, dtype, shape: [...shape], name, source });
  }

  #add(value: Value): Value { this.values.push(value); return value; }
}

export const isScalarConstant = (v: Value): v is Value & { source: { kind: 'constant'; data: TypedArray } } => v.source?.kind === 'constant' && elementCount(v.shape) === 1;
export const scalarOf = (v: Value): number | undefined => (isScalarConstant(v) ? Number(v.source.data[0]) : undefined);
export const differentiable = (v: Value): boolean => isFloat(v.dtype) && v.source?.kind !== 'constant';
