/**
 * What the second executor sees of tfjs, and how element types map: every float is float32 there; int64, int8 and uint8 are int32, so ids and codes must fit 32 bit; bool stays bool.
 * The module itself is never imported here: `load-tfjs` fetches the user's package, tests pass tfjs' own CPU backend.
 */

import type * as core from '@tensorflow/tfjs-core';
import { AnnealError } from '../../../shared/errors.ts';
import { isFloat, toTyped } from '../graph/dtype.ts';
import type { DType, TypedArray } from '../graph/dtype.ts';
import { toFloat64 } from '../graph/dtype.ts';

export type Tf = typeof core;
export type Tensor = core.Tensor;
export type TfType = 'float32' | 'int32' | 'bool';

export const tfType = (dtype: DType): TfType => (dtype === 'bool' ? 'bool' : isFloat(dtype) ? 'float32' : 'int32');

/** The tensor of a typed array of `dtype`. Throws `runtime-failed` for integers that do not fit 32 bit. */
export function toTensor(tf: Tf, dtype: DType, shape: readonly number[], data: TypedArray): Tensor {
  const type = tfType(dtype);
  return tf.tensor(type === 'float32' ? floats(dtype, data) : type === 'bool' ? Uint8Array.from(data as Uint8Array) : integers(data), [...shape], type);
}

/** The elements of a result as the graph declares them. */
export function fromTensor(dtype: DType, data: ArrayLike<number>): TypedArray {
  return dtype === 'float32' && data instanceof Float32Array ? data : toTyped(dtype, data);
}

function floats(dtype: DType, data: TypedArray): Float32Array {
  if (data instanceof Float32Array) return data;
  return Float32Array.from(toFloat64(dtype, data));
}

function integers(data: TypedArray): Int32Array {
  if (data instanceof Int32Array) return data;
  return Int32Array.from(data as ArrayLike<number | bigint>, (x) => {
    const n = Number(x);
    if (n !== (n | 0)) throw new AnnealError('runtime-failed', `tfjs has integers of 32 bit only, and ${n} does not fit; run this on another device.`);
    return n;
  });
}
