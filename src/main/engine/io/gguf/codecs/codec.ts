/** A block format of ggml: `block` values share one scale or a few and take `bytes` bytes. One file each. */
export interface BlockCodec {
  /** Values of `count` blocks from `bytes` into `out`, from its start. */
  dequantise: (bytes: Uint8Array, count: number, out: Float32Array) => void;
  /** `count` blocks of values as bytes. */
  quantise: (values: Float32Array, count: number, out: Uint8Array) => void;
}
