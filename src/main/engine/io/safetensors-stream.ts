/** Writes a safetensors file piece by piece: the header and the exact size are known before the first byte, memory holds one piece, and the event loop turns between pieces.
 * Source: the safetensors format description (8-byte little-endian header length, JSON, data). */
import { open } from 'node:fs/promises';
import { AnnealError } from '../../../shared/errors.ts';
import { SAFETENSORS_ITEM_BYTES, type SafetensorsDtype } from './safetensors-header.ts';

export interface TensorLayout { name: string; shape: readonly number[]; dtype: SafetensorsDtype }
export interface SafetensorsPlan { prefix: Buffer; order: readonly TensorLayout[]; /** Of the whole file. */ bytes: number }

const ALIGN = 8;
export const tensorBytes = (t: TensorLayout): number => t.shape.reduce((n, d) => n * d, SAFETENSORS_ITEM_BYTES[t.dtype]);

export function planSafetensors(tensors: readonly TensorLayout[], metadata: Record<string, string> = { format: 'pt' }): SafetensorsPlan {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  // Widest items first keeps every tensor aligned to its item size without holes.
  const order = [...tensors].sort((a, b) => SAFETENSORS_ITEM_BYTES[b.dtype] - SAFETENSORS_ITEM_BYTES[a.dtype]);
  let offset = 0;
  for (const t of order) {
    const bytes = tensorBytes(t);
    header[t.name] = { dtype: t.dtype, shape: [...t.shape], data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const padding = (ALIGN - (text.length % ALIGN)) % ALIGN;
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length + padding));
  const prefix = Buffer.concat([length, text, Buffer.alloc(padding, 0x20)]);
  return { prefix, order, bytes: prefix.length + offset };
}

/** `pieces` gives the raw little-endian bytes of a tensor in order. Throws `tensor-shape` when they do not fill its shape; stops when `signal` aborts. */
export async function writeSafetensorsStream(path: string, plan: SafetensorsPlan, pieces: (t: TensorLayout) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>, onBytes: (n: number) => void, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(plan.prefix);
    onBytes(plan.prefix.length);
    for (const t of plan.order) {
      let written = 0;
      for await (const piece of pieces(t)) {
        signal.throwIfAborted();
        for (let done = 0; done < piece.byteLength;) done += (await file.write(piece, done, Math.min(piece.byteLength - done, 1 << 26))).bytesWritten;
        written += piece.byteLength;
        onBytes(piece.byteLength);
      }
      if (written !== tensorBytes(t)) throw new AnnealError('tensor-shape', `Tensor "${t.name}" gave ${written} bytes where its shape [${t.shape.join(', ')}] needs ${tensorBytes(t)}.`, { tensor: t.name });
    }
    await file.sync();
  } finally { await file.close(); }
}
