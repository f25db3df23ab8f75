/** The linear layer with everything that an adapter may do to it, for training and generation alike: LoRA, rsLoRA (in the scale), DoRA, an initialisation taken out of the base (PiSSA, OLoRA), dropout.
 * Semantics of peft 0.21. Sources: Hu et al. 2021; Kalajdzievski 2023; Liu et al. 2024 (DoRA); Meng et al. 2024 (PiSSA). */

import type { Value } from '../graph/node.ts';
import { add, asReal, cast, concat, div, matmul, maximum, mul, neg, reduceSum, slice, sqrt, stopGradient, sub, transpose } from '../graph/ops/index.ts';

/** A linear layer as its family describes it; `transposed`: the weight lies as [in, out] (GPT-2's Conv1D). */
export interface LinearShape { module: string; inFeatures: number; outFeatures: number; bias: boolean; transposed?: boolean }

/** A frozen or trained weight that a layer multiplies with. */
export interface LinearWeight {
  /** x [N, in] -> x W^T [N, out]. */
  product: (x: Value) => Value;
  /** a [r, in] -> W a^T [out, r]. */
  against: (a: Value) => Value;
  /** Squared length of each output's row, [out]. */
  squaredNorms: () => Value;
}

/** Tensors of one adapted layer. `minus` is what the initialisation took out of the base: the layer's weight counts as W - scale * b a. */
export interface AdapterTensors {
  a: Value;
  b: Value;
  scale: number;
  minus?: { a: Value; b: Value };
  /** DoRA: the trained length of each output's row [out], or `gain`, that length over the present one. */
  magnitude?: Value;
  gain?: Value;
  /** Inverted dropout of the low-rank path's input: uint8 mask [N, in], rate p. */
  keep?: { mask: Value; p: number };
}

export interface LinearSources {
  parameter: (name: string) => Value;
  adapter: (spec: LinearShape, x: Value) => AdapterTensors | undefined;
  /** The layer's weight when it is not `parameter(module.weight)`. */
  weight?: (spec: LinearShape) => LinearWeight | undefined;
}

export function denseWeight(stored: Value, transposed = false): LinearWeight {
  const w = asReal(stored);
  return {
    product: (x) => matmul(x, w, { transB: !transposed }),
    against: (a) => matmul(w, a, { transA: transposed, transB: true }),
    squaredNorms: () => reduceSum(mul(w, w), [transposed ? 0 : 1]),
  };
}

/** `linear` and `linears` of a ForwardContext. */
export interface LinearLayers {
  /** y [N, out] for x [N, in]. */
  linear: (spec: LinearShape, x: Value) => Value;
  /** Several layers of one input. Their low-rank paths share its product: three products of 16 columns cost far more than one of 48. */
  linears: (specs: readonly LinearShape[], x: Value) => Value[];
}

export function linearLayers(sources: LinearSources): LinearLayers {
  const linears: LinearLayers['linears'] = (specs, x) => {
    const adapters = specs.map((spec) => sources.adapter(spec, x));
    const narrow = narrowProducts(adapters, x);
    return specs.map((spec, i) => adaptedLinear(sources, spec, x, adapters[i], narrow[i]));
  };
  return { linears, linear: (spec, x) => linears([spec], x)[0]! };
}

/** x a^T of every adapter [N, r], as columns of one product where several have no dropout of their own. */
function narrowProducts(adapters: readonly (AdapterTensors | undefined)[], x: Value): (Value | undefined)[] {
  const alike = adapters.filter((a) => a !== undefined && a.keep === undefined) as AdapterTensors[];
  if (alike.length < 2) return adapters.map((a) => (a === undefined || a.keep !== undefined ? undefined : matmul(x, a.a, { transB: true })));
  const all = matmul(x, concat(alike.map((a) => a.a), 0), { transB: true });
  let start = 0;
  return adapters.map((a) => (a === undefined || a.keep !== undefined ? undefined : slice(all, 1, start, start += a.a.shape[0]!)));
}

/** `narrow`: x a^T, where the input is not dropped. */
function adaptedLinear(sources: LinearSources, spec: LinearShape, x: Value, adapter: AdapterTensors | undefined, narrow: Value | undefined): Value {
  const weight = sources.weight?.(spec) ?? denseWeight(sources.parameter(`${spec.module}.weight`), spec.transposed);
  const bias = spec.bias ? asReal(sources.parameter(`${spec.module}.bias`)) : undefined;
  const shift = (y: Value): Value => (bias === undefined ? y : add(y, bias));
  if (adapter === undefined) return shift(weight.product(x));
  const { a, b, scale, minus, keep } = adapter;
  const base = (input: Value): Value => {
    const y = weight.product(input);
    return minus === undefined ? y : add(y, matmul(matmul(input, minus.a, { transB: true }), minus.b, { transB: true, alpha: -scale }));
  };
  const dropped = keep === undefined ? x : mul(x, mul(cast(keep.mask, x.dtype), 1 / (1 - keep.p)));
  const down = narrow ?? matmul(dropped, a, { transB: true });
  const low = (y: Value): Value => add(y, matmul(down, b, { transB: true, alpha: scale }));
  if (adapter.magnitude === undefined && adapter.gain === undefined) return low(shift(base(x)));
  const gain = adapter.gain ?? doraGain(weight, adapter);
  if (keep === undefined) return shift(mul(low(base(x)), gain));
  // With dropout peft scales a second base product, of the dropped input.
  const again = base(dropped);
  return shift(add(base(x), sub(mul(low(again), gain), again)));
}

/** DoRA's factor of each output, [out]: magnitude over the length of W + scale * B A, a constant to the backward pass. The sum itself is never built. */
export function doraGain(weight: LinearWeight, { a, b, scale, minus, magnitude }: AdapterTensors): Value {
  if (magnitude === undefined) throw new RangeError('no magnitude to take a gain from');
  const rows = stopGradient(minus === undefined ? a : concat([a, minus.a], 0));
  const columns = stopGradient(minus === undefined ? b : concat([b, neg(minus.b)], 1));
  const cross = reduceSum(mul(columns, weight.against(rows)), [1]);
  const own = reduceSum(mul(columns, matmul(columns, matmul(rows, rows, { transB: true }))), [1]);
  const squared = add(weight.squaredNorms(), add(mul(cross, 2 * scale), mul(own, scale * scale)));
  return div(magnitude, stopGradient(sqrt(maximum(squared, 1e-30))));
}

/** W a^T for weights that can only be multiplied from the left. */
export function againstByProduct(product: LinearWeight['product']): LinearWeight['against'] {
  return (a) => transpose(product(a), [1, 0]);
}
