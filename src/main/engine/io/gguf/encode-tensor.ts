/** Values of a tensor as bytes of a type. */

import { floatsToBrains, floatsToHalfs } from '../float-formats.ts';
import { CODECS } from './codecs/index.ts';
import { TENSOR_KINDS, tensorBytes, type TensorKindName } from './gguf-types.ts';

const bytesOf = (a: Float32Array | Uint16Array): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

export function encodeTensor(kind: TensorKindName, values: Float32Array): Uint8Array {
  if (kind === 'F32') return bytesOf(values);
  if (kind === 'F16') return bytesOf(floatsToHalfs(values));
  if (kind === 'BF16') return bytesOf(floatsToBrains(values));
  const out = new Uint8Array(tensorBytes(kind, values.length));
  CODECS[kind].quantise(values, values.length / TENSOR_KINDS[kind].block, out);
  return out;
}
