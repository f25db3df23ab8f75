/** Q6_K: 256 values as sixteen sub-blocks of 16, each with an eight-bit scale; four low bits and two high bits a value, symmetric. */

import { floatToHalf, halfToFloat } from '../../float-formats.ts';
import type { BlockCodec } from './codec.ts';
import { fitSymmetric } from './fit.ts';

const BYTES = 210, HIGH = 128, SCALES = 192, D = 208;

/** Where value `i` of a block lies: low nibble (byte and shift), high pair of bits (byte and shift). */
const lowByte = (i: number): number => 64 * (i >> 7) + (i & 63), lowShift = (i: number): number => ((i >> 6) & 1) * 4;
const highByte = (i: number): number => HIGH + 32 * (i >> 7) + (i & 31), highShift = (i: number): number => ((i >> 5) & 3) * 2;

export const q6K: BlockCodec = {
  dequantise: (bytes, count, out) => {
    for (let block = 0, at = 0, to = 0; block < count; block++, at += BYTES, to += 256) {
      const d = halfToFloat(bytes[at + D]! | (bytes[at + D + 1]! << 8));
      for (let group = 0; group < 16; group++) {
        const scale = Math.fround(d * ((bytes[at + SCALES + group]! << 24) >> 24));
        for (let i = 16 * group; i < 16 * group + 16; i++) {
          const q = ((bytes[at + lowByte(i)]! >> lowShift(i)) & 15) | (((bytes[at + highByte(i)]! >> highShift(i)) & 3) << 4);
          out[to + i] = scale * (q - 32);
        }
      }
    }
  },
  quantise: (x, count, out) => {
    const fits = new Float64Array(16);
    for (let block = 0, at = 0, from = 0; block < count; block++, at += BYTES, from += 256) {
      out.fill(0, at, at + BYTES);
      let far = 0;
      for (let group = 0; group < 16; group++) {
        const s = fitSymmetric(x, from + 16 * group, 16, 32);
        fits[group] = s;
        if (Math.abs(s) > Math.abs(far)) far = s;
      }
      const dBits = Math.abs(far) < 1e-15 ? 0 : floatToHalf(far / -128), d = halfToFloat(dBits);
      out[at + D] = dBits & 255; out[at + D + 1] = dBits >> 8;
      for (let group = 0; group < 16; group++) {
        const level = far === 0 ? 0 : Math.min(127, Math.round((-128 / far) * fits[group]!)), scale = d * level;
        out[at + SCALES + group] = level & 255;
        for (let i = 16 * group; i < 16 * group + 16; i++) {
          const q = scale === 0 ? 32 : Math.min(31, Math.max(-32, Math.round(x[from + i]! / scale))) + 32;
          out[at + lowByte(i)]! |= (q & 15) << lowShift(i);
          out[at + highByte(i)]! |= (q >> 4) << highShift(i);
        }
      }
    }
  },
};
