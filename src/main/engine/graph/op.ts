/** What an op is: one object with its types rule, gradient, float64 interpreter, ONNX lowering and samples. The table maps names to ops; ops/index.ts fills it. */

import { graphError } from './dtype.ts';
import type { DType, TensorType, TypedArray } from './dtype.ts';
import type { Graph, Value } from './node.ts';
import type { Nd } from './nd.ts';
import type { Sampler } from './sample.ts';

/** Which forward tensors the gradient reads; the harness checks that no other is read. */
export type Saved = `in${number}` | `out${number}`;

export interface GradContext<P> {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly params: P;
  /** Per input: is its gradient wanted? */
  readonly needs: readonly boolean[];
  /** Gradients of all outputs (null where none arrives). */
  readonly dys: readonly (Value | null)[];
}

export type Attribute = { int: number } | { float: number } | { ints: readonly number[] } | { text: string };
export interface LowerContext<P> {
  readonly params: P;
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly outputs: readonly string[];
  readonly outputTypes: readonly TensorType[];
  readonly provider: string;
  /** Adds an ONNX node and returns its outputs; without `outputs` one fresh name is made. Domain '' is the ONNX standard, 'ms' the contrib ops. */
  node(opType: string, inputs: readonly string[], attributes?: Record<string, Attribute>, outputs?: readonly string[], domain?: '' | 'ms'): string[];
  /** What `make` wrote under this key, once per model: for parts that several nodes of one kind have in common. */
  shared(key: string, make: () => string): string;
  /** A small initializer; equal ones are shared. */
  constant(dtype: DType, shape: readonly number[], data: readonly number[] | TypedArray): string;
}

export interface Op<P extends object = object> {
  readonly name: string;
  readonly saves: readonly Saved[];
  /** True for ops that only a rewrite pass introduces; they have no gradient. */
  readonly fused?: boolean;
  infer(inputs: readonly TensorType[], params: P): TensorType[];
  /** Gradients per input, null where none flows. Missing: not differentiable. */
  grad?(ctx: GradContext<P>, dy: Value): (Value | null)[];
  eval(inputs: readonly Nd[], params: P): Nd[];
  lower(ctx: LowerContext<P>): void;
  /** Floating point operations, where they matter for the FLOP count. */
  flops?(inputs: readonly TensorType[], outputs: readonly TensorType[], params: P): number;
  samples(random: Sampler): Sample<P>[];
}

export interface Sample<P extends object = object> {
  readonly inputs: readonly SampleInput[];
  readonly params: P;
  /** Relative tolerance of ORT float32 against the interpreter; default 2e-5. */
  readonly tolerance?: number;
}
export interface SampleInput { readonly dtype: DType | 'real'; readonly shape: readonly number[]; readonly data: Float64Array }

const table = new Map<string, Op>();
export function registerOps(ops: readonly Op[]): void {
  for (const op of ops) {
    if (table.has(op.name)) throw graphError(`Two ops are called "${op.name}".`);
    table.set(op.name, op);
  }
}
export function opNamed(name: string): Op {
  const op = table.get(name);
  if (!op) throw graphError(`There is no op called "${name}".`);
  return op;
}
