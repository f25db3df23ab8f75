/** Frozen weights in 4 bit, in blocks of 64 values with one size each, as bitsandbytes keeps them (without its second quantisation of the sizes): 4.5 bits a value. Source: Dettmers et al. 2023 (QLoRA). */

import type { Graph, Value } from '../graph/node.ts';
import { asReal, matmul4, transpose } from '../graph/ops/index.ts';
import { FOUR_BIT_VALUES, type FourBitType } from '../graph/ops/matmul4.ts';
import type { LinearWeight } from './adapted-linear.ts';

export type { FourBitType } from '../graph/ops/matmul4.ts';

/** A stored matrix [n, k], as it lies in the file. `norms`: squared lengths of the layer's output rows, where DoRA needs them. Arrays may still be empty when a graph is only looked at. */
export interface FourBitTensor { n: number; k: number; type: FourBitType; packed: Uint8Array; sizes: Float32Array; norms?: Float32Array }

export const FOUR_BIT_BLOCK = 64;

/** null when the matrix cannot be cut into whole blocks. */
export function emptyFourBit(n: number, k: number, type: FourBitType): FourBitTensor | null {
  return (n * k) % FOUR_BIT_BLOCK === 0 ? { n, k, type, packed: new Uint8Array(n * k / 2), sizes: new Float32Array(n * k / FOUR_BIT_BLOCK) } : null;
}

/** Each value becomes the nearest code of its block's scale. Values that are not finite are kept as the block's largest. */
export function quantise4(data: Float32Array, into: FourBitTensor): void {
  const values = FOUR_BIT_VALUES[into.type];
  const order = values.map((_, code) => code).sort((a, b) => values[a]! - values[b]!);
  const limits = order.slice(1).map((code, i) => (values[order[i]!]! + values[code]!) / 2);
  const nearest = (share: number): number => {
    let low = 0, high = limits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (share > limits[middle]!) low = middle + 1; else high = middle;
    }
    return order[low]!;
  };
  for (let block = 0; block < into.sizes.length; block++) {
    const start = block * FOUR_BIT_BLOCK;
    let size = 0;
    for (let i = start; i < start + FOUR_BIT_BLOCK; i++) size = Math.max(size, Math.abs(data[i]!));
    into.sizes[block] = size;
    const factor = size > 0 ? 1 / size : 0;
    for (let i = start; i < start + FOUR_BIT_BLOCK; i += 2) into.packed[i >> 1] = (nearest(data[i]! * factor) << 4) | nearest(data[i + 1]! * factor);
  }
}

export function dequantise4({ n, k, type, packed, sizes }: FourBitTensor): Float32Array {
  const values = FOUR_BIT_VALUES[type];
  const out = new Float32Array(n * k);
  for (let i = 0; i < packed.length; i++) {
    const size = sizes[Math.floor(2 * i / FOUR_BIT_BLOCK)]!;
    out[2 * i] = values[packed[i]! >> 4]! * size;
    out[2 * i + 1] = values[packed[i]! & 15]! * size;
  }
  return out;
}

/** Squared lengths of the rows of [n, k], or of its columns. */
export function squaredLengths(data: Float32Array, n: number, k: number, ofColumns: boolean): Float32Array {
  const sums = new Float64Array(ofColumns ? k : n);
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) sums[ofColumns ? j : i] = sums[ofColumns ? j : i]! + data[i * k + j]! ** 2;
  return Float32Array.from(sums);
}

/** The weight of a layer in a graph; `transposed`: it is stored as [in, out]. */
export function fourBitWeight(graph: Graph, module: string, tensor: FourBitTensor, transposed = false): LinearWeight {
  const { n, k, type, packed, sizes, norms } = tensor;
  const codes = graph.weight(`codes4:${module}`, [packed.length], 'uint8', { kind: 'data', data: packed });
  const scale = graph.weight(`sizes4:${module}`, [sizes.length], 'float32', { kind: 'data', data: sizes });
  const product = (x: Value): Value => matmul4(x, codes, scale, { n, k, block: FOUR_BIT_BLOCK, type, transB: !transposed });
  return {
    product,
    against: (a) => transpose(product(a), [1, 0]),
    squaredNorms: () => {
      if (norms === undefined) throw new RangeError(`no row lengths of ${module}`);
      return asReal(graph.weight(`norms4:${module}`, [norms.length], 'float32', { kind: 'data', data: norms }));
    },
  };
}
