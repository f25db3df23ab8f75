/** Writes a safetensors file tensor by tensor, flushed to the disk before it returns. A full disk removes the half-written file and throws `disk-full`. */

import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import { floatsToBrains, floatsToHalfs } from './float-formats.ts';
import { SAFETENSORS_ITEM_BYTES, type SafetensorsDtype } from './safetensors-header.ts';

/** One tensor to write: `data` is asked for when its turn comes, so that a large model is never in memory twice. */
export interface TensorToWrite { name: string; shape: readonly number[]; dtype: 'F32' | 'F16' | 'BF16' | 'I64'; data: () => Float32Array | BigInt64Array }

const ALIGN = 8;

export function writeSafetensors(path: string, tensors: readonly TensorToWrite[], metadata: Record<string, string> = {}): void {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let offset = 0;
  // Widest items first keeps every tensor aligned to its item size without holes.
  const order = [...tensors].sort((a, b) => itemBytes(b.dtype) - itemBytes(a.dtype));
  for (const t of order) {
    const bytes = t.shape.reduce((n, d) => n * d, itemBytes(t.dtype));
    header[t.name] = { dtype: t.dtype, shape: [...t.shape], data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  let text = Buffer.from(JSON.stringify(header), 'utf8');
  if (text.length % ALIGN !== 0) text = Buffer.concat([text, Buffer.alloc(ALIGN - (text.length % ALIGN), 0x20)]);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, 'w');
  let complete = false;
  try {
    writeAll(file, prefix);
    writeAll(file, text);
    for (const t of order) {
      const bytes = encode(t);
      const expected = t.shape.reduce((n, d) => n * d, itemBytes(t.dtype));
      if (bytes.byteLength !== expected) throw new AnnealError('tensor-shape', `Tensor "${t.name}" has ${bytes.byteLength} bytes where its shape [${t.shape.join(', ')}] needs ${expected}.`, { tensor: t.name });
      writeAll(file, bytes);
    }
    fsyncSync(file);
    complete = true;
  } finally {
    closeSync(file);
    if (!complete) rmSync(path, { force: true });
  }
}

function itemBytes(dtype: SafetensorsDtype): number { return SAFETENSORS_ITEM_BYTES[dtype]; }

function encode(t: TensorToWrite): Uint8Array {
  const data = t.data();
  if (data instanceof Float32Array && t.dtype !== 'F32') {
    const short = t.dtype === 'F16' ? floatsToHalfs(data) : floatsToBrains(data);
    return new Uint8Array(short.buffer);
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.byteLength) done += writeSync(file, bytes, done, Math.min(bytes.byteLength - done, 1 << 28));
}
