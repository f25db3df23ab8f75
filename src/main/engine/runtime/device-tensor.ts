/**
 * A tensor in a device's memory: an output that was kept there, to be fed again, to the same program or another one. Only onnxruntime-node's WebGPU buffers can be: the binding makes and accepts no
 * other. Its own download (`getData`) ends the process in 1.30 (an exception of its native code that nothing catches), so values come back through a program that copies its input.
 */

import type { Tensor } from 'onnxruntime-node';
import type { DType, TypedArray } from '../graph/dtype.ts';

/** What a program is fed: values of this process, or what a device holds. */
export type Feed = TypedArray | DeviceTensor;

export class DeviceTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly #tensor: Tensor;
  constructor(tensor: Tensor) {
    this.#tensor = tensor;
    this.dtype = tensor.type as DType;
    this.shape = tensor.dims;
  }

  /** For `runtime/session` alone. */
  get handle(): Tensor { return this.#tensor; }

  /** Gives the memory back. What was computed from it stays. */
  release(): void { this.#tensor.dispose(); }
}

/** Bytes that crossed between this process and a device, added up by the programs that are given it. */
export interface Traffic { toDevice: number; fromDevice: number }
