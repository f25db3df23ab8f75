/** Element types of tensors, their sizes and typed arrays. float16 and bfloat16 exist as stored weights and on providers; the graph computes in float32 or float64. */

import { AnnealError } from '../../../shared/errors.ts';

export type DType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'bool' | 'uint8' | 'int8';
export type Real = 'float32' | 'float64';
export type TypedArray = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;
export interface TensorType { readonly dtype: DType; readonly shape: readonly number[] }

const BYTES: Record<DType, number> = { float32: 4, float64: 8, float16: 2, bfloat16: 2, int64: 8, int32: 4, bool: 1, uint8: 1, int8: 1 };
export const byteSize = (d: DType): number => BYTES[d];
export const isFloat = (d: DType): boolean => d === 'float32' || d === 'float64' || d === 'float16' || d === 'bfloat16';

export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
export const byteLength = (t: TensorType): number => elementCount(t.shape) * byteSize(t.dtype);
/** A shape as text: [2, 3]. */
export const dims = (shape: readonly unknown[]): string => `[${shape.join(', ')}]`;
export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** A typed array of `dtype` holding the given numbers (rounded or truncated as the type demands). */
export function toTyped(dtype: DType, data: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case 'float32': return Float32Array.from(data);
    case 'float64': return Float64Array.from(data);
    case 'int32': return Int32Array.from(data);
    case 'int64': return BigInt64Array.from({ length: data.length }, (_, i) => BigInt(Math.trunc(data[i] ?? 0)));
    case 'bool': return Uint8Array.from(data, x => (x ? 1 : 0));
    case 'uint8': return Uint8Array.from(data);
    case 'int8': return Int8Array.from(data);
    case 'float16': return Uint16Array.from(data, toHalf);
    case 'bfloat16': return Uint16Array.from(data, toBrain);
  }
}

/** Any typed array of a tensor as float64 numbers; `dtype` says how 16-bit words are read. */
export function toFloat64(dtype: DType, data: TypedArray): Float64Array {
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number);
  if (data instanceof Uint16Array) return Float64Array.from(data, dtype === 'bfloat16' ? fromBrain : fromHalf);
  return Float64Array.from(data);
}

/** Views `bytes` as the typed array of `dtype`, copying when the start is not aligned. */
export function viewBytes(dtype: DType, bytes: Uint8Array): TypedArray {
  const size = byteSize(dtype);
  const b = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const n = b.byteLength / size;
  switch (dtype) {
    case 'float32': return new Float32Array(b.buffer, b.byteOffset, n);
    case 'float64': return new Float64Array(b.buffer, b.byteOffset, n);
    case 'float16': case 'bfloat16': return new Uint16Array(b.buffer, b.byteOffset, n);
    case 'int64': return new BigInt64Array(b.buffer, b.byteOffset, n);
    case 'int32': return new Int32Array(b.buffer, b.byteOffset, n);
    case 'int8': return new Int8Array(b.buffer, b.byteOffset, n);
    case 'bool': case 'uint8': return new Uint8Array(b.buffer, b.byteOffset, n);
  }
}

/** True when a typed array is the one that stores tensors of `dtype`. */
export function isArrayOf(dtype: DType, data: TypedArray): boolean {
  switch (dtype) {
    case 'float32': return data instanceof Float32Array;
    case 'float64': return data instanceof Float64Array;
    case 'float16': case 'bfloat16': return data instanceof Uint16Array;
    case 'int64': return data instanceof BigInt64Array;
    case 'int32': return data instanceof Int32Array;
    case 'int8': return data instanceof Int8Array;
    case 'bool': case 'uint8': return data instanceof Uint8Array;
  }
}

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

export function fromBrain(word: number): number { u32[0] = word << 16; return f32[0] as number; }

export function toBrain(x: number): number {
  f32[0] = x;
  const bits = u32[0] as number;
  if (Number.isNaN(x)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function fromHalf(word: number): number {
  const sign = word & 0x8000 ? -1 : 1;
  const exponent = (word >> 10) & 31;
  const fraction = word & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds to nearest even; values past 65504 become infinity. */
export function toHalf(x: number): number {
  if (Number.isNaN(x)) return 0x7e00;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (a >= 65520) return sign | 0x7c00;
  const exponent = a < 2 ** -14 ? -14 : Math.floor(Math.log2(a));
  const scaled = a / 2 ** (exponent - 10);
  let q = Math.floor(scaled);
  const rest = scaled - q;
  if (rest > 0.5 || (rest === 0.5 && q % 2 === 1)) q += 1;
  if (a < 2 ** -14) return sign | q;
  return sign | (((exponent + 15) << 10) + (q - 1024));
}

export function graphError(message: string): AnnealError { return new AnnealError('graph-invalid', message); }
export function shapeError(message: string): AnnealError { return new AnnealError('shape-mismatch', message); }
