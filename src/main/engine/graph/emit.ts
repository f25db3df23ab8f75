/** One builder function per primitive. Ops use these in their gradients; everybody else imports them from ops/index.ts, which fills the op table. */

import { elementCount, graphError, isFloat, sameShape, shapeError } from './dtype.ts';
import type { DType } from './dtype.ts';
import type { Graph, Value } from './node.ts';
import { opNamed } from './op.ts';
import { broadcastAxes, normalAxis } from './shape.ts';

export type Operand = Value | number;

const graphOf = (xs: readonly Operand[]): Graph => {
  for (const x of xs) if (typeof x !== 'number') return x.graph;
  throw graphError('An operation needs at least one tensor; two numbers can be computed directly.');
};
function one(name: string, inputs: readonly Value[], params: object = {}): Value {
  const g = inputs[0]?.graph;
  if (!g) throw graphError(`${name} needs at least one input.`);
  return g.apply(opNamed(name), inputs, params)[0] as Value;
}
/** Numbers become scalars of the other operand's type. */
function lift(xs: readonly Operand[]): Value[] {
  const g = graphOf(xs);
  const dtype = xs.find(x => typeof x !== 'number')?.dtype ?? g.real;
  return xs.map(x => (typeof x === 'number' ? g.constant(x, [], dtype) : x));
}
const binary = (name: string) => (a: Operand, b: Operand): Value => one(name, lift([a, b]));
const unary = (name: string) => (x: Value): Value => one(name, [x]);

/** Arithmetic broadcasts like NumPy. */
export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const maximum = binary('maximum');
export const minimum = binary('minimum');
/** Comparisons give bool. */
export const greater = binary('greater');
export const greaterEqual = binary('greaterEqual');
export const less = binary('less');
export const lessEqual = binary('lessEqual');
export const equal = binary('equal');
export const logicalAnd = binary('logicalAnd');
export const logicalOr = binary('logicalOr');
export const logicalNot = unary('logicalNot');

export const neg = unary('neg');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const reciprocal = unary('reciprocal');
export const tanh = unary('tanh');
export const sigmoid = unary('sigmoid');
export const softplus = unary('softplus');
export const silu = unary('silu');
export const erf = unary('erf');
export const abs = unary('abs');
export const sin = unary('sin');
export const cos = unary('cos');
/** Passes the value, stops the gradient. */
export const stopGradient = unary('stopGradient');

/** `condition ? a : b`, broadcasting. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const dtype = [a, b].find(x => typeof x !== 'number') as Value | undefined;
  const fill = (x: Operand): Value => (typeof x === 'number' ? condition.graph.constant(x, [], dtype?.dtype ?? condition.graph.real) : x);
  return one('where', [condition, fill(a), fill(b)]);
}

export const cast = (x: Value, to: DType): Value => (x.dtype === to ? x : one('cast', [x], { to }));
/** A stored weight in the graph's float type. */
export const asReal = (x: Value): Value => cast(x, x.graph.real);

export interface MatmulOptions { transA?: boolean; transB?: boolean; alpha?: number }
/** alpha * op(a) @ op(b) over the last two axes; leading axes broadcast. transA/transB swap the last two axes of an operand without a copy. */
export const matmul = (a: Value, b: Value, { transA = false, transB = false, alpha = 1 }: MatmulOptions = {}): Value => one('matmul', [a, b], { transA, transB, alpha });

/** x times a frozen weight [n, k] in 4 bit (see ops/matmul4.ts): x W^T, or x W without transB. */
export const matmul4 = (x: Value, packed: Value, absmax: Value, params: { n: number; k: number; block: number; type: 'fp4' | 'nf4'; transB: boolean }): Value => one('matmul4', [x, packed, absmax], params);

/** Each row of x [M, K] in 8 bit, turned in blocks of `rotate` columns before: [uint8 codes around 128, scale per row [M, 1]]. */
export const quantizeRows = (x: Value, rotate = 1): [Value, Value] => x.graph.apply(opNamed('quantizeRows'), [x], { rotate }) as [Value, Value];
/** Rows in 8 bit times a frozen int8 weight [K, N] with one float32 scale per column: a float tensor [M, N]. */
export const quantizedMatmul = (codes: Value, rowScales: Value, weight: Value, columnScales: Value): Value => one('quantizedMatmul', [codes, rowScales, weight, columnScales]);

export function transpose(x: Value, perm: readonly number[]): Value {
  return perm.every((p, i) => p === i) && perm.length === x.shape.length ? x : one('transpose', [x], { perm: [...perm] });
}

/** One size may be -1. */
export function reshape(x: Value, shape: readonly number[]): Value {
  const known = elementCount(shape.filter(d => d !== -1));
  const dims = shape.map(d => (d === -1 ? elementCount(x.shape) / known : d));
  return sameShape(dims, x.shape) ? x : one('reshape', [x], { shape: dims });
}
export const expand = (x: Value, shape: readonly number[]): Value => (sameShape(shape, x.shape) ? x : one('expand', [x], { shape: [...shape] }));

export function slice(x: Value, axis: number, start: number, end: number): Value {
  const a = normalAxis(axis, x.shape.length, 'slice');
  return start === 0 && end === x.shape[a] ? x : one('slice', [x], { axis: a, start, end });
}
/** Zeros before and after along one axis. */
export const pad = (x: Value, axis: number, before: number, after: number): Value =>
  before === 0 && after === 0 ? x : one('pad', [x], { axis: normalAxis(axis, x.shape.length, 'pad'), before, after });

export function concat(xs: readonly Value[], axis: number): Value {
  const first = xs[0];
  if (!first) throw shapeError('concat needs at least one tensor.');
  return xs.length === 1 ? first : one('concat', xs, { axis: normalAxis(axis, first.shape.length, 'concat') });
}

/** Slices of `table` along `axis` at integer `ids`; the shape is table[..axis) + ids + table(axis..]. */
export const gather = (table: Value, ids: Value, axis = 0): Value => one('gather', [table, ids], { axis: normalAxis(axis, table.shape.length, 'gather') });
/** A zero tensor of `rows` rows to which updates[i] is added at row ids[i]; ids have rank 1. Deterministic, duplicates add up in order. */
export const scatterAdd = (rows: number, ids: Value, updates: Value): Value => one('scatterAdd', [ids, updates], { rows });
/** out[..., j] = x[..., ids[..., j]]: picks along the last axis. */
export const takeAlong = (x: Value, ids: Value): Value => one('takeAlong', [x, ids]);
/** Zeros with last size `size`, to which updates[..., j] is added at ids[..., j]. */
export const putAlong = (size: number, ids: Value, updates: Value): Value => one('putAlong', [ids, updates], { size });

const reduction = (name: string) => (x: Value, axes?: readonly number[], keepDims = false): Value => {
  const all = (axes ?? x.shape.map((_, i) => i)).map(a => normalAxis(a, x.shape.length, name)).toSorted((a, b) => a - b);
  return all.length === 0 ? x : one(name, [x], { axes: all, keepDims });
};
/** Reductions over `axes` (all when left out). */
export const reduceSum = reduction('reduceSum');
export const reduceMean = reduction('reduceMean');
export const reduceMax = reduction('reduceMax');
/** int64 index of the first largest element along `axis` (removed). */
export const argmax = (x: Value, axis = -1): Value => one('argmax', [x], { axis: normalAxis(axis, x.shape.length, 'argmax') });

/** Softmax over the last axis. */
export const softmax = unary('softmax');
/**
 * Rotary position embedding in the rotate-half form. x [..., T, D]; cos and sin [T, D/2] (or with leading axes that broadcast against x's).
 * out = [x1*cos - x2*sin, x2*cos + x1*sin] with x1, x2 the halves of the last axis. No gradient flows to the tables.
 */
export const rope = (x: Value, cosTable: Value, sinTable: Value): Value => one('rope', [x, cosTable, sinTable]);
/** Passes x, but only after all `after` tensors exist: an order that the executor cannot undo. */
export const barrier = (x: Value, after: readonly Value[]): Value => (after.length === 0 ? x : one('barrier', [x, ...after]));

/**
 * Gives results computed by ordinary ops a gradient of their own. `backward` maps gradients of the results to gradients of `inputs`;
 * it may use any tensor of the forward computation.
 */
export function customGrad(results: readonly Value[], inputs: readonly Value[], backward: (dys: readonly (Value | null)[], needs: readonly boolean[]) => (Value | null)[]): Value[] {
  const g = graphOf(results);
  const out = g.apply(opNamed('customGrad'), [...results, ...inputs], { results: results.length });
  g.customBackward.set((out[0] as Value).id, backward);
  return out;
}

/** Sums a broadcast gradient back to the shape of the operand it belongs to. */
export function unbroadcast(dy: Value, shape: readonly number[]): Value {
  const axes = broadcastAxes(shape, dy.shape);
  return reshape(axes.length ? reduceSum(dy, axes, true) : dy, shape);
}

/** Zeros or another fill in the shape and type of x. */
export const fullLike = (x: Value, fill: number): Value => expand(x.graph.constant(fill, [], isFloat(x.dtype) ? x.dtype : x.graph.real), x.shape);
