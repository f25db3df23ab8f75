/** Blocks of 32 values with one scale: Q4_0, Q5_0 and Q8_0 (symmetric), Q4_1 and Q5_1 (with a minimum). Rounding as in ggml's reference, in float32, so that files agree byte for byte. Layout: ggml-common.h. */

import { floatToHalf, halfToFloat } from '../../float-formats.ts';
import type { BlockCodec } from './codec.ts';

const N = 32, HALF = 16;
const fround = Math.fround;
const half = (b: Uint8Array, at: number): number => halfToFloat(b[at]! | (b[at + 1]! << 8));
function putHalf(b: Uint8Array, at: number, value: number): void {
  const h = floatToHalf(value);
  b[at] = h & 255;
  b[at + 1] = h >> 8;
}
const inverse = (d: number): number => (d === 0 ? 0 : fround(1 / d));

/** The value that lies farthest from zero, with its sign; the first of equals. */
function farthest(x: Float32Array, from: number): number {
  let best = 0, size = -1;
  for (let i = from; i < from + N; i++) {
    const a = Math.abs(x[i]!);
    if (a > size) { size = a; best = x[i]!; }
  }
  return best;
}
function range(x: Float32Array, from: number): { min: number; max: number } {
  let min = x[from]!, max = min;
  for (let i = from + 1; i < from + N; i++) { const v = x[i]!; if (v < min) min = v; if (v > max) max = v; }
  return { min, max };
}

/** Symmetric with `bits` bits: value = d * (q - 2^(bits-1)). `high`: fifth bits lie in four bytes before the nibbles. */
function symmetric(bits: 4 | 5): BlockCodec {
  const middle = 2 ** (bits - 1), top = 2 ** bits - 1, nibbles = bits === 5 ? 6 : 2, size = nibbles + HALF;
  return {
    dequantise: (bytes, count, out) => {
      for (let block = 0, at = 0, to = 0; block < count; block++, at += size, to += N) {
        const d = half(bytes, at), high = bits === 5 ? bytes[at + 2]! | (bytes[at + 3]! << 8) | (bytes[at + 4]! << 16) | (bytes[at + 5]! << 24) : 0;
        for (let i = 0; i < HALF; i++) {
          const q = bytes[at + nibbles + i]!;
          out[to + i] = d * (((q & 15) | (((high >>> i) & 1) << 4)) - middle);
          out[to + HALF + i] = d * (((q >> 4) | (((high >>> (i + HALF)) & 1) << 4)) - middle);
        }
      }
    },
    quantise: (x, count, out) => {
      for (let block = 0, at = 0, from = 0; block < count; block++, at += size, from += N) {
        const d = fround(farthest(x, from) / -middle), id = inverse(d);
        putHalf(out, at, d);
        writeQuants(out, at, nibbles, bits, (i) => Math.min(top, Math.trunc(fround(fround(x[from + i]! * id) + (middle + 0.5)))));
      }
    },
  };
}

/** With a minimum: value = d * q + m. */
function affine(bits: 4 | 5): BlockCodec {
  const top = 2 ** bits - 1, nibbles = bits === 5 ? 8 : 4, size = nibbles + HALF;
  return {
    dequantise: (bytes, count, out) => {
      for (let block = 0, at = 0, to = 0; block < count; block++, at += size, to += N) {
        const d = half(bytes, at), m = half(bytes, at + 2), high = bits === 5 ? bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24) : 0;
        for (let i = 0; i < HALF; i++) {
          const q = bytes[at + nibbles + i]!;
          out[to + i] = fround(d * ((q & 15) | (((high >>> i) & 1) << 4))) + m;
          out[to + HALF + i] = fround(d * ((q >> 4) | (((high >>> (i + HALF)) & 1) << 4))) + m;
        }
      }
    },
    quantise: (x, count, out) => {
      for (let block = 0, at = 0, from = 0; block < count; block++, at += size, from += N) {
        const { min, max } = range(x, from);
        const d = fround(fround(max - min) / top), id = inverse(d);
        putHalf(out, at, d);
        putHalf(out, at + 2, min);
        writeQuants(out, at, nibbles, bits, (i) => Math.min(top, Math.trunc(fround(fround(fround(x[from + i]! - min) * id) + 0.5))));
      }
    },
  };
}

/** Low nibbles in pairs (i, i + 16), fifth bits before them. */
function writeQuants(out: Uint8Array, at: number, nibbles: number, bits: 4 | 5, quant: (i: number) => number): void {
  let high = 0;
  for (let i = 0; i < HALF; i++) {
    const a = quant(i), b = quant(i + HALF);
    out[at + nibbles + i] = (a & 15) | ((b & 15) << 4);
    high |= ((a >> 4) & 1) << i;
    high |= ((b >> 4) & 1) << (i + HALF);
  }
  if (bits === 5) for (let k = 0; k < 4; k++) out[at + nibbles - 4 + k] = (high >>> (8 * k)) & 255;
}

export const q4Zero = symmetric(4), q5Zero = symmetric(5), q4One = affine(4), q5One = affine(5);

export const q8Zero: BlockCodec = {
  dequantise: (bytes, count, out) => {
    for (let block = 0, at = 0, to = 0; block < count; block++, at += 34, to += N) {
      const d = half(bytes, at);
      for (let i = 0; i < N; i++) out[to + i] = d * ((bytes[at + 2 + i]! << 24) >> 24);
    }
  },
  quantise: (x, count, out) => {
    for (let block = 0, at = 0, from = 0; block < count; block++, at += 34, from += N) {
      const d = fround(Math.abs(farthest(x, from)) / 127), id = inverse(d);
      putHalf(out, at, d);
      for (let i = 0; i < N; i++) {
        const v = fround(x[from + i]! * id), rounded = Math.floor(Math.abs(v) + 0.5);
        out[at + 2 + i] = (v < 0 ? -rounded : rounded) & 255;
      }
    }
  },
};
