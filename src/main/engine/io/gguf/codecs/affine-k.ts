/** Q4_K and Q5_K: 256 values as eight sub-blocks of 32, each with a six-bit scale and minimum; four bits a value, and in Q5_K a fifth that lies apart. Layout: ggml-common.h. */

import { floatToHalf, halfToFloat } from '../../float-formats.ts';
import type { BlockCodec } from './codec.ts';
import { fitAffine } from './fit.ts';
import { minimumAt, putScales, scaleAt } from './k-scales.ts';

const SCALES = 4, HIGH = 16, SUB = 32;

function affineK(bits: 4 | 5): BlockCodec {
  const quants = bits === 5 ? 48 : 16, size = quants + 128, top = 2 ** bits - 1;
  return {
    dequantise: (bytes, count, out) => {
      for (let block = 0, at = 0, to = 0; block < count; block++, at += size, to += 256) {
        const d = halfToFloat(bytes[at]! | (bytes[at + 1]! << 8)), dm = halfToFloat(bytes[at + 2]! | (bytes[at + 3]! << 8));
        for (let j = 0; j < 8; j++) {
          const scale = Math.fround(d * scaleAt(bytes, at + SCALES, j)), minimum = Math.fround(dm * minimumAt(bytes, at + SCALES, j));
          const q = at + quants + SUB * (j >> 1), shift = 4 * (j & 1);
          for (let i = 0; i < SUB; i++) {
            const high = bits === 5 ? ((bytes[at + HIGH + i]! >> j) & 1) << 4 : 0;
            out[to + SUB * j + i] = Math.fround(scale * (((bytes[q + i]! >> shift) & 15) | high)) - minimum;
          }
        }
      }
    },
    quantise: (x, count, out) => {
      out.fill(0, 0, count * size);
      for (let block = 0, at = 0, from = 0; block < count; block++, at += size, from += 256) {
        const fits = Array.from({ length: 8 }, (_, j) => (bits === 4 ? fitAffine(x, from + SUB * j, SUB, top, -1, 20) : fitAffine(x, from + SUB * j, SUB, top, -0.5, 15)));
        const topScale = Math.max(...fits.map((f) => f.scale)), topMinimum = Math.max(...fits.map((f) => f.minimum));
        const scales = fits.map((f) => sixBits(f.scale, topScale)), minima = fits.map((f) => sixBits(f.minimum, topMinimum));
        const dBits = floatToHalf(topScale / 63), mBits = floatToHalf(topMinimum / 63), d = halfToFloat(dBits), dm = halfToFloat(mBits);
        out.set([dBits & 255, dBits >> 8, mBits & 255, mBits >> 8], at);
        putScales(out, at + SCALES, scales, minima);
        for (let j = 0; j < 8; j++) {
          const scale = d * scales[j]!, minimum = dm * minima[j]!, q = at + quants + SUB * (j >> 1), shift = 4 * (j & 1);
          for (let i = 0; i < SUB; i++) {
            const level = scale === 0 ? 0 : Math.min(top, Math.max(0, Math.round((x[from + SUB * j + i]! + minimum) / scale)));
            out[q + i]! |= (level & 15) << shift;
            if (bits === 5) out[at + HIGH + i]! |= (level >> 4) << j;
          }
        }
      }
    },
  };
}

const sixBits = (value: number, largest: number): number => (largest > 0 ? Math.max(0, Math.round((63 / largest) * value)) : 0);

export const q4K = affineK(4), q5K = affineK(5);
