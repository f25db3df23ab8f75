/** Byte offsets of rows: rows.idx holds count + 1 little-endian float64 (exact up to 2^53 bytes), the last one being the file's size. */
export function encodeIndex(offsets: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(offsets.length * 8);
  const view = new DataView(bytes.buffer);
  offsets.forEach((o, i) => { view.setFloat64(i * 8, o, true); });
  return bytes;
}

/** Offsets, or null when the bytes are no index for a file of `size` bytes. */
export function decodeIndex(bytes: Uint8Array, size: number): Float64Array | null {
  if (bytes.length < 8 || bytes.length % 8 !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = new Float64Array(bytes.length / 8);
  for (let i = 0; i < offsets.length; i++) {
    const o = view.getFloat64(i * 8, true);
    if (!Number.isInteger(o) || o < 0 || o > size || (i > 0 && o <= (offsets[i - 1] ?? 0))) return null;
    offsets[i] = o;
  }
  return offsets[0] === 0 && offsets[offsets.length - 1] === size ? offsets : null;
}
