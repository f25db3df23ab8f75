/** Reads little-endian values from an open file through one buffer, never past the end of the file. */

import { readSync } from 'node:fs';
import type { AnnealError } from '../../../../shared/errors.ts';

const CHUNK = 1 << 20;
/** Longest string that metadata may hold: bytes. A tokenizer.json inside a file has up to 34 MB. */
const MAX_TEXT = 1 << 26;
/** Largest header: bytes. That of Gemma 3, with the longest vocabulary in use, has 12 MB. */
const MAX_HEADER = 1 << 28;

export class ByteCursor {
  readonly #handle: number;
  readonly #size: number;
  readonly #bad: (problem: string) => AnnealError;
  #buffer = Buffer.alloc(0);
  #start = 0;
  #at = 0;

  constructor(handle: number, size: number, bad: (problem: string) => AnnealError) { this.#handle = handle; this.#size = size; this.#bad = bad; }

  get position(): number { return this.#start + this.#at; }

  /** Makes the next `n` bytes available and moves past them; returns where they begin in the buffer. */
  #take(n: number): number {
    if (this.#at + n > this.#buffer.length) {
      const from = this.position;
      if (from + n > MAX_HEADER) throw this.#bad(`its header has more than ${MAX_HEADER} bytes`);
      if (n > this.#size - from) throw this.#bad(`it ends at byte ${this.#size}, inside its header (truncated file)`);
      const next = Buffer.allocUnsafe(Math.min(Math.max(n, CHUNK), this.#size - from));
      let done = 0;
      while (done < next.length) {
        const got = readSync(this.#handle, next, done, next.length - done, from + done);
        if (got === 0) throw this.#bad('it became shorter while it was read');
        done += got;
      }
      this.#buffer = next;
      this.#start = from;
      this.#at = 0;
    }
    const here = this.#at;
    this.#at += n;
    return here;
  }

  u8(): number { const p = this.#take(1); return this.#buffer.readUInt8(p); }
  u16(): number { const p = this.#take(2); return this.#buffer.readUInt16LE(p); }
  u32(): number { const p = this.#take(4); return this.#buffer.readUInt32LE(p); }
  u64(): bigint { const p = this.#take(8); return this.#buffer.readBigUInt64LE(p); }
  f32(): number { const p = this.#take(4); return this.#buffer.readFloatLE(p); }
  f64(): number { const p = this.#take(8); return this.#buffer.readDoubleLE(p); }

  /** A count of things of at least `least` bytes each: refused above `limit`, or when the rest of the file cannot hold them. */
  count(what: string, limit: number, least: number): number {
    const n = this.u64();
    if (n > BigInt(limit)) throw this.#bad(`${what} is ${n}, above the limit of ${limit}`);
    if (Number(n) * least > this.#size - this.position) throw this.#bad(`${what} is ${n}, more than the rest of the file can hold (truncated file)`);
    return Number(n);
  }

  text(what: string, limit = MAX_TEXT): string {
    const n = this.u64();
    if (n > BigInt(limit)) throw this.#bad(`${what} claims ${n} bytes, above the limit of ${limit}`);
    const length = Number(n);
    const p = this.#take(length);
    return this.#buffer.toString('utf8', p, p + length);
  }
}
