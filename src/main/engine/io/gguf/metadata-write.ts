/** Encodes GGUF metadata and the tensor table. */

import type { MetadataEntries } from './architectures/architecture.ts';
import { GGUF_MAGIC, VALUE, type GgufScalar } from './gguf-types.ts';

/** Keys whose numbers are float32, even when whole. */
const REAL_KEYS = /(?:epsilon|freq_base|freq_base_swa|scaling\.factor|attn_factor|softcapping|ggml\.scores)$/;
/** Keys whose numbers are int32. */
const SIGNED_KEYS = /ggml\.token_type$/;

class Bytes {
  #parts: Buffer[] = [];
  #length = 0;
  get length(): number { return this.#length; }
  raw(b: Buffer): this { this.#parts.push(b); this.#length += b.length; return this; }
  u32(n: number): this { const b = Buffer.alloc(4); b.writeUInt32LE(n >>> 0); return this.raw(b); }
  u64(n: number): this { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(n)); return this.raw(b); }
  text(s: string): this { const b = Buffer.from(s, 'utf8'); return this.u64(b.length).raw(b); }
  finish(): Buffer { return Buffer.concat(this.#parts, this.#length); }
}

export interface TensorHeader { name: string; /** Outermost first. */ shape: readonly number[]; code: number; /** From the start of the data. */ offset: number }

/** Everything before the data, padded to `alignment`. Entries that are null or undefined are left out. */
export function encodeHeader(metadata: MetadataEntries, tensors: readonly TensorHeader[], alignment: number): Buffer {
  const entries = Object.entries(metadata).filter((e): e is [string, GgufScalar | GgufScalar[]] => e[1] !== null && e[1] !== undefined);
  const out = new Bytes().u32(GGUF_MAGIC).u32(3).u64(tensors.length).u64(entries.length);
  for (const [key, value] of entries) {
    out.text(key);
    if (Array.isArray(value)) {
      const code = codeOf(key, value[0] ?? 0);
      out.u32(VALUE.array).u32(code).u64(value.length);
      encodeItems(out, code, value);
    } else {
      const code = codeOf(key, value);
      out.u32(code);
      encodeItems(out, code, [value]);
    }
  }
  for (const t of tensors) {
    out.text(t.name).u32(t.shape.length);
    for (const d of t.shape.toReversed()) out.u64(d);
    out.u32(t.code).u64(t.offset);
  }
  return out.raw(Buffer.alloc((alignment - (out.length % alignment)) % alignment)).finish();
}

function codeOf(key: string, sample: GgufScalar): number {
  if (typeof sample === 'string') return VALUE.string;
  if (typeof sample === 'boolean') return VALUE.bool;
  return REAL_KEYS.test(key) ? VALUE.f32 : SIGNED_KEYS.test(key) ? VALUE.i32 : VALUE.u32;
}

function encodeItems(out: Bytes, code: number, items: readonly GgufScalar[]): void {
  switch (code) {
    case VALUE.string: for (const s of items) out.text(String(s)); break;
    case VALUE.bool: out.raw(Buffer.from(items.map((b) => (b === true ? 1 : 0)))); break;
    case VALUE.f32: out.raw(Buffer.from(Float32Array.from(items, Number).buffer)); break;
    default: out.raw(Buffer.from(Int32Array.from(items, Number).buffer));
  }
}
