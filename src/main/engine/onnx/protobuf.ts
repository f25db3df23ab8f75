/** A minimal protobuf encoder: varints, fixed32, strings, nested messages. Wire format: protobuf.dev/programming-guides/encoding. */

export class ProtoWriter {
  #chunks: Uint8Array[] = [];
  #buffer = new Uint8Array(256);
  #used = 0;
  #flushed = 0;

  get length(): number { return this.#flushed + this.#used; }

  /** Zero and positive integers up to 2^53. */
  int(field: number, value: number): this { this.#tag(field, 0); this.#varint(value); return this; }
  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#room(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#used, value, true);
    this.#used += 4;
    return this;
  }
  text(field: number, value: string): this { return this.bytes(field, new TextEncoder().encode(value)); }
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(value.length);
    if (value.length > 4096) { this.#flush(); this.#chunks.push(value); this.#flushed += value.length; return this; }
    this.#room(value.length);
    this.#buffer.set(value, this.#used);
    this.#used += value.length;
    return this;
  }
  message(field: number, value: ProtoWriter): this { return this.bytes(field, value.finish()); }
  /** Packed repeated integers, possibly negative. */
  ints(field: number, values: readonly number[]): this {
    const inner = new ProtoWriter();
    for (const v of values) inner.#varint(v);
    return this.bytes(field, inner.finish());
  }

  finish(): Uint8Array {
    this.#flush();
    const out = new Uint8Array(this.#flushed);
    let at = 0;
    for (const c of this.#chunks) { out.set(c, at); at += c.length; }
    return out;
  }

  #tag(field: number, wire: number): void { this.#varint(field * 8 + wire); }
  #varint(value: number): void {
    this.#room(10);
    let v = value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value);
    while (v > 127n) { this.#buffer[this.#used++] = Number(v & 127n) | 128; v >>= 7n; }
    this.#buffer[this.#used++] = Number(v);
  }
  #room(n: number): void {
    if (this.#used + n <= this.#buffer.length) return;
    this.#flush();
    this.#buffer = new Uint8Array(Math.max(n, 1024));
  }
  #flush(): void {
    if (this.#used === 0) return;
    this.#chunks.push(this.#buffer.slice(0, this.#used));
    this.#flushed += this.#used;
    this.#used = 0;
  }
}
