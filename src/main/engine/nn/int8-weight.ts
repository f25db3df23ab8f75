/**
 * Frozen linear weights in 8 bit for whole-number products: activations are rounded per row on the fly, weights per output channel; the input gradient rounds the incoming gradient per row and reads a second
 * copy rounded per input channel, because it sums over the outputs. Both sides of a product are turned by a Hadamard matrix in small blocks first, which tames outlier channels (docs/decisions/0014). Both products are
 * taken as those of the float weight (straight through). Ideas: SwitchBack (Wortsman et al., 2023); QuaRot (Ashkboos et al., 2024).
 */

import type { Graph, Value } from '../graph/node.ts';
import { asReal, customGrad, quantizeRows, quantizedMatmul, transpose } from '../graph/ops/index.ts';
import { hadamard, LEVELS } from '../graph/ops/quantize-rows.ts';
import type { LinearWeight } from './adapted-linear.ts';

/** Columns that are turned together: 64 is a little more exact and takes twice as long (bench/int8-chain, bench/int8-errors). */
const BLOCK = 32;
/** The largest power of two up to BLOCK that divides the inner size. */
export function rotationOf(k: number, most = BLOCK): number {
  let block = 1;
  while (block < most && k % (2 * block) === 0) block *= 2;
  return block;
}

/** A matrix [k, n] in row-major order, its columns turned in blocks, with one scale per column. */
export interface Int8Matrix { k: number; n: number; codes: Int8Array; scales: Float32Array }
/** `forward` is W^T [in, out], `backward` W [out, in]. `norms`: squared lengths of the output rows, where DoRA needs them. Arrays may still be empty when a graph is only looked at. */
export interface Int8Tensor { forward: Int8Matrix; backward: Int8Matrix; norms?: Float32Array }

export function emptyInt8(inFeatures: number, outFeatures: number): Int8Tensor {
  const matrix = (k: number, n: number): Int8Matrix => ({ k, n, codes: new Int8Array(k * n), scales: new Float32Array(n) });
  return { forward: matrix(inFeatures, outFeatures), backward: matrix(outFeatures, inFeatures) };
}

/** Rounds a stored weight into both copies. `turned`: it lies as [in, out] instead of [out, in]; `most`: the longest block, for measurements. */
export function quantise8(data: Float32Array, turned: boolean, { forward, backward }: Int8Tensor, most = BLOCK): void {
  const [asStored, across] = turned ? [forward, backward] : [backward, forward];
  roundDown(data, asStored, rotationOf(asStored.k, most));
  roundAcross(data, across, rotationOf(across.k, most));
}

/** The matrix lies as `data` does: columns run down the rows. */
function roundDown(data: Float32Array, { k, n, codes, scales }: Int8Matrix, block: number): void {
  const strip = new Float32Array(block * n);
  const values = new Float32Array(k * n);
  for (let start = 0; start < k; start += block) {
    // Each column's block side by side for the transform, and back.
    for (let i = 0; i < block; i++) for (let j = 0; j < n; j++) strip[j * block + i] = data[(start + i) * n + j]!;
    hadamard(strip, block);
    for (let i = 0; i < block; i++) for (let j = 0; j < n; j++) values[(start + i) * n + j] = strip[j * block + i]!;
  }
  const most = new Float32Array(n);
  for (let i = 0, at = 0; i < k; i++) for (let j = 0; j < n; j++, at++) { const size = Math.abs(values[at]!); if (size > most[j]!) most[j] = size; }
  const factors = most.map((size) => (size > 0 ? LEVELS / size : 0));
  for (let i = 0, at = 0; i < k; i++) for (let j = 0; j < n; j++, at++) codes[at] = Math.round(values[at]! * factors[j]!);
  for (let j = 0; j < n; j++) scales[j] = most[j]! / LEVELS;
}

/** `data` lies as the transpose [n, k]: a column is one of its rows. */
function roundAcross(data: Float32Array, { k, n, codes, scales }: Int8Matrix, block: number): void {
  for (let j = 0; j < n; j++) {
    const column = data.slice(j * k, (j + 1) * k);
    hadamard(column, block);
    let most = 0;
    for (let i = 0; i < k; i++) { const size = Math.abs(column[i]!); if (size > most) most = size; }
    const factor = most > 0 ? LEVELS / most : 0;
    for (let i = 0; i < k; i++) codes[i * n + j] = Math.round(column[i]! * factor);
    scales[j] = most / LEVELS;
  }
}

/** Squared length of each column; turning does not change it. */
export function squaredColumns({ k, n, codes, scales }: Int8Matrix): Float32Array {
  const sums = new Float64Array(n);
  for (let i = 0, at = 0; i < k; i++) for (let j = 0; j < n; j++, at++) sums[j] = sums[j]! + codes[at]! ** 2;
  return Float32Array.from(sums, (sum, j) => sum * scales[j]! ** 2);
}

export function int8Weight(graph: Graph, module: string, tensor: Int8Tensor): LinearWeight {
  // Each copy enters the graph when something multiplies with it: without a backward pass there is only one.
  const declared = new Map<string, { codes: Value; scales: Value }>();
  const times = (x: Value, side: 'forward' | 'backward'): Value => {
    const { k, n, codes, scales } = tensor[side];
    const weight = declared.get(side) ?? {
      codes: graph.weight(`int8_${side}:${module}`, [k, n], 'int8', { kind: 'data', data: codes }), scales: graph.weight(`scales_${side}:${module}`, [n], 'float32', { kind: 'data', data: scales }),
    };
    declared.set(side, weight);
    return quantizedMatmul(...quantizeRows(x, rotationOf(k)), weight.codes, weight.scales);
  };
  const product = (x: Value): Value => customGrad([times(x, 'forward')], [x], ([dy]) => [dy ? times(dy, 'backward') : null])[0] as Value;
  return {
    product,
    against: (a) => transpose(product(a), [1, 0]),
    squaredNorms: () => {
      if (tensor.norms === undefined) throw new RangeError(`no row lengths of ${module}`);
      return asReal(graph.weight(`norms8:${module}`, [tensor.norms.length], 'float32', { kind: 'data', data: tensor.norms }));
    },
  };
}
