/**
 * Frozen linear weights in 8 bit for whole-number products: activations are rounded per row on the fly, weights per output channel; the input gradient rounds the incoming gradient per row and reads a second
 * copy rounded per input channel, because it sums over the outputs. Both sides of a product are turned by a Hadamard matrix in small blocks first, which tames outlier channels (docs/decisions/0014). Both products are
 * taken as those of the float weight (straight through). Ideas: SwitchBack (Wortsman et al., 2023); QuaRot (Ashkboos et al., 2024).
 */

import type { Graph, Value, WeightSource } from '../graph/node.ts';
import { asReal, customGrad, quantizeRows, quantizedMatmul, transpose } from '../graph/ops/index.ts';
import type { LinearWeight } from './adapted-linear.ts';
import { roundColumns } from './int8-columns.ts';

/** Columns that are turned together: 64 is a little more exact and takes twice as long (bench/int8-chain, bench/int8-errors). */
const BLOCK = 32;
/** The largest power of two up to BLOCK that divides the inner size. */
export function rotationOf(k: number, most = BLOCK): number {
  let block = 1;
  while (block < most && k % (2 * block) === 0) block *= 2;
  return block;
}

/** A matrix [k, n] in row-major order, its columns turned in blocks, with one scale per column. */
export interface Int8Matrix extends MatrixSize { codes: Int8Array; scales: Float32Array }
export interface MatrixSize { k: number; n: number }
/** `forward` is W^T [in, out], `backward` W [out, in]. `norms`: squared lengths of the output rows, where DoRA needs them. Values may still be zeros when a graph is only looked at. */
export interface Int8Tensor { forward: Int8Matrix; backward: Int8Matrix; norms?: Float32Array }
/** The same by where its parts lie: in memory, or in a file. */
export interface StoredInt8 { forward: StoredMatrix; backward: StoredMatrix; norms?: WeightSource }
export interface StoredMatrix extends MatrixSize { codes: WeightSource; scales: WeightSource }

export function inMemory({ forward, backward, norms }: Int8Tensor): StoredInt8 {
  const matrix = ({ k, n, codes, scales }: Int8Matrix): StoredMatrix => ({ k, n, codes: { kind: 'data', data: codes }, scales: { kind: 'data', data: scales } });
  return { forward: matrix(forward), backward: matrix(backward), ...(norms === undefined ? {} : { norms: { kind: 'data', data: norms } }) };
}

export function emptyInt8(inFeatures: number, outFeatures: number): Int8Tensor {
  const matrix = (k: number, n: number): Int8Matrix => ({ k, n, codes: new Int8Array(k * n), scales: new Float32Array(n) });
  return { forward: matrix(inFeatures, outFeatures), backward: matrix(outFeatures, inFeatures) };
}

/** Rounds a stored weight into both copies. `turned`: it lies as [in, out] instead of [out, in]; `most`: the longest block, for measurements. */
export function quantise8(data: Float32Array, turned: boolean, { forward, backward }: Int8Tensor, most = BLOCK): void {
  for (const [{ k, n, codes, scales }, across] of [[forward, !turned], [backward, turned]] as const) roundColumns(data, across, k, n, rotationOf(k, most), codes, scales, 0, n);
}

/** Squared length of each column; turning does not change it. */
export function squaredColumns({ k, n, codes, scales }: Int8Matrix): Float32Array {
  const sums = new Float64Array(n);
  for (let i = 0, at = 0; i < k; i++) for (let j = 0; j < n; j++, at++) sums[j] = sums[j]! + codes[at]! ** 2;
  return Float32Array.from(sums, (sum, j) => sum * scales[j]! ** 2);
}

export function int8Weight(graph: Graph, module: string, tensor: StoredInt8): LinearWeight {
  // Each copy enters the graph when something multiplies with it: without a backward pass there is only one.
  const declared = new Map<string, { codes: Value; scales: Value }>();
  const times = (x: Value, side: 'forward' | 'backward'): Value => {
    const { k, n, codes, scales } = tensor[side];
    const weight = declared.get(side) ?? { codes: graph.weight(`int8_${side}:${module}`, [k, n], 'int8', codes), scales: graph.weight(`scales_${side}:${module}`, [n], 'float32', scales) };
    declared.set(side, weight);
    return quantizedMatmul(...quantizeRows(x, rotationOf(k)), weight.codes, weight.scales);
  };
  const product = (x: Value): Value => customGrad([times(x, 'forward')], [x], ([dy]) => [dy ? times(dy, 'backward') : null])[0] as Value;
  return {
    product,
    against: (a) => transpose(product(a), [1, 0]),
    squaredNorms: () => {
      if (tensor.norms === undefined) throw new RangeError(`no row lengths of ${module}`);
      return asReal(graph.weight(`norms8:${module}`, [tensor.forward.n], 'float32', tensor.norms));
    },
  };
}
