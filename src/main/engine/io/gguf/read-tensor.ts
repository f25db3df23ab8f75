/** Reads one tensor of a GGUF file, as float32 or as the bytes that stand there. */

import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { brainsToFloats, halfsToFloats } from '../float-formats.ts';
import { CODECS } from './codecs/index.ts';
import { TENSOR_KINDS, invalidGguf } from './gguf-types.ts';
import type { GgufTensor } from './read-gguf.ts';

/** In a buffer of its own, so that typed views are aligned. */
export function readGgufBytes(tensor: GgufTensor): ArrayBuffer {
  const buffer = new ArrayBuffer(tensor.byteLength), view = new Uint8Array(buffer);
  const file = openSync(tensor.path, 'r');
  try {
    for (let done = 0; done < view.length;) {
      const n = readSync(file, view, done, Math.min(view.length - done, 1 << 30), tensor.offset + done);
      if (n === 0) throw invalidGguf(basename(tensor.path), `it ends inside tensor "${tensor.name}"`);
      done += n;
    }
  } finally { closeSync(file); }
  return buffer;
}

export function readGgufFloats(tensor: GgufTensor): Float32Array {
  const bytes = readGgufBytes(tensor);
  switch (tensor.kind) {
    case 'F32': return new Float32Array(bytes);
    case 'F16': return halfsToFloats(new Uint16Array(bytes));
    case 'BF16': return brainsToFloats(new Uint16Array(bytes));
    default: {
      const { block, bytes: size } = TENSOR_KINDS[tensor.kind], count = tensor.byteLength / size;
      const out = new Float32Array(count * block);
      CODECS[tensor.kind].dequantise(new Uint8Array(bytes), count, out);
      return out;
    }
  }
}
