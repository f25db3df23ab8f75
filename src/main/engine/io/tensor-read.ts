/** Reads tensors of a safetensors file into memory, as float32 or as raw bytes. */

import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { brainsToFloats, halfsToFloats } from './float-formats.ts';
import type { TensorEntry } from './safetensors-header.ts';

/** Raw bytes of one tensor, in a buffer of their own (so that typed views are aligned). */
export function readTensorBytes(entry: TensorEntry): ArrayBuffer {
  const buffer = new ArrayBuffer(entry.byteLength);
  const view = new Uint8Array(buffer);
  const file = openSync(entry.path, 'r');
  try {
    let done = 0;
    while (done < entry.byteLength) {
      const n = readSync(file, view, done, Math.min(entry.byteLength - done, 1 << 30), entry.offset + done);
      if (n === 0) throw new AnnealError('safetensors-invalid', `${basename(entry.path)} ends inside tensor "${entry.name}"; copy or download it again.`, { file: basename(entry.path) });
      done += n;
    }
  } finally {
    closeSync(file);
  }
  return buffer;
}

/** One tensor as float32 (F32, F16, BF16 and F64 are accepted). Throws `tensor-dtype` for integer tensors. */
export function readTensorFloats(entry: TensorEntry): Float32Array {
  const bytes = readTensorBytes(entry);
  switch (entry.dtype) {
    case 'F32': return new Float32Array(bytes);
    case 'F16': return halfsToFloats(new Uint16Array(bytes));
    case 'BF16': return brainsToFloats(new Uint16Array(bytes));
    case 'F64': return Float32Array.from(new Float64Array(bytes));
    default: throw new AnnealError('tensor-dtype', `Tensor "${entry.name}" in ${basename(entry.path)} holds ${entry.dtype} values where floating-point weights are needed.`, { tensor: entry.name, dtype: entry.dtype });
  }
}
