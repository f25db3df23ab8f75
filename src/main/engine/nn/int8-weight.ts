/**
 * Frozen linear weights in 8 bit for whole-number products: activations are rounded per row on the fly, weights per output channel; the input gradient rounds the incoming gradient per row and reads a second
 * copy rounded per input channel, because it sums over the outputs. Both products are taken as those of the float weight (straight through). Idea: SwitchBack (Wortsman et al., 2023).
 */

import type { Graph, Value } from '../graph/node.ts';
import { asReal, customGrad, quantizeRows, quantizedMatmul, transpose } from '../graph/ops/index.ts';
import { LEVELS } from '../graph/ops/quantize-rows.ts';
import type { LinearWeight } from './adapted-linear.ts';

/** A matrix [k, n] in row-major order with one scale per column. */
export interface Int8Matrix { k: number; n: number; codes: Int8Array; scales: Float32Array }
/** `forward` is W^T [in, out], `backward` W [out, in]. `norms`: squared lengths of the output rows, where DoRA needs them. Arrays may still be empty when a graph is only looked at. */
export interface Int8Tensor { forward: Int8Matrix; backward: Int8Matrix; norms?: Float32Array }

export function emptyInt8(inFeatures: number, outFeatures: number): Int8Tensor {
  const matrix = (k: number, n: number): Int8Matrix => ({ k, n, codes: new Int8Array(k * n), scales: new Float32Array(n) });
  return { forward: matrix(inFeatures, outFeatures), backward: matrix(outFeatures, inFeatures) };
}

/** Rounds a stored weight into both copies. `turned`: it lies as [in, out] instead of [out, in]. */
export function quantise8(data: Float32Array, turned: boolean, into: Int8Tensor): void {
  const { forward, backward } = into;
  roundColumns(data, turned, forward);
  roundColumns(data, !turned, backward);
}

/** `asIs`: data lies as the matrix does; otherwise as its transpose. A column's largest magnitude becomes 127. */
function roundColumns(data: Float32Array, asIs: boolean, { k, n, codes, scales }: Int8Matrix): void {
  if (asIs) {
    for (let i = 0; i < k; i++) for (let j = 0, at = i * n; j < n; j++, at++) { const size = Math.abs(data[at]!); if (size > scales[j]!) scales[j] = size; }
    const factors = scales.map((most) => (most > 0 ? LEVELS / most : 0));
    for (let i = 0; i < k; i++) for (let j = 0, at = i * n; j < n; j++, at++) codes[at] = Math.round(data[at]! * factors[j]!);
  } else {
    for (let j = 0; j < n; j++) {
      let most = 0;
      for (let i = 0, at = j * k; i < k; i++, at++) { const size = Math.abs(data[at]!); if (size > most) most = size; }
      scales[j] = most;
      const factor = most > 0 ? LEVELS / most : 0;
      for (let i = 0, at = j * k; i < k; i++, at++) codes[i * n + j] = Math.round(data[at]! * factor);
    }
  }
  for (let j = 0; j < n; j++) scales[j] = scales[j]! / LEVELS;
}

/** The weight as the forward product sees it, [out, in], or [in, out] when `turned`. */
export function dequantise8({ forward: { k, n, codes, scales } }: Int8Tensor, turned: boolean): Float32Array {
  const out = new Float32Array(k * n);
  for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) out[turned ? i * n + j : j * k + i] = codes[i * n + j]! * scales[j]!;
  return out;
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
    return quantizedMatmul(...quantizeRows(x), weight.codes, weight.scales);
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
