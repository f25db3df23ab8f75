/**
 * The optimiser as graphs, for trained values that live in a device's memory: AdamW as in adamw.ts, the squares of a gradient norm, and the sum of two gradients. Every tensor is a flat vector. What
 * changes from step to step comes as scalars; whether a step is taken at all is not decided here: WGSL lets a compiler assume that no number is infinite or NaN, so a guard inside could be folded away.
 */

import { Graph, type Real, type Value } from '../graph/node.ts';
import { add, asReal, concat, div, mul, reduceSum, reshape, slice, sqrt, stopGradient, sub } from '../graph/ops/index.ts';
import type { AdamWFactors, AdamWOptions, ParameterRange } from './adamw.ts';

/** One flat vector of trained values and the parameters in it. */
export interface UpdatedVector { name: string; ranges: readonly ParameterRange[]; offset: number; length: number }
type Moving = Record<'value' | 'm' | 'v', Value>;
/** Scalars: factor on the gradient, learning rate over bias correction, correction of the second moment, and the share of a value that weight decay takes. */
type Factors = Record<'gradScale' | 'stepSize' | 'correction2' | 'decay', Value>;

export const FACTORS = ['gradScale', 'stepSize', 'correction2', 'decay'] as const;

/** The feeds of an update graph. `decay`: learning rate times weight decay. */
export function factorFeeds(factors: AdamWFactors, decay: number): Record<(typeof FACTORS)[number], Float32Array> {
  return { gradScale: Float32Array.of(factors.gradScale), stepSize: Float32Array.of(factors.stepSize), correction2: Float32Array.of(factors.correction2), decay: Float32Array.of(decay) };
}

/**
 * Values and moments [n] after one update. `decayed`: 1 where weight decay applies, 0 elsewhere [n]; true: everywhere; false: nowhere. The decay is taken from a value together with the step:
 * 1 less a small rate would lose most of the rate's digits in float32.
 */
export function adamw({ value, m, v }: Moving, grad: Value, factors: Factors, { beta1, beta2, eps }: Omit<AdamWOptions, 'weightDecay'>, decayed: Value | boolean): Moving {
  const g = mul(grad, factors.gradScale);
  const nextM = add(mul(m, beta1), mul(g, 1 - beta1));
  const nextV = add(mul(v, beta2), mul(mul(g, 1 - beta2), g));
  const step = div(mul(nextM, factors.stepSize), add(mul(sqrt(nextV), factors.correction2), eps));
  const lost = decayed === false ? step : add(mul(value, decayed === true ? factors.decay : mul(decayed, factors.decay)), step);
  return { value: sub(value, lost), m: nextM, v: nextV };
}

/** Most elements that are added one after another: more would lose digits, and leave a device's cores without work. */
const SUMMED = 1024;

/** Sum of squares of x [n]: [1]. */
export function squareSum(x: Value): Value {
  let sums = mul(x, x);
  for (let n = sums.shape[0]!; n > SUMMED; n = sums.shape[0]!) {
    const rows = Math.floor(n / SUMMED), whole = rows * SUMMED;
    const blocks = reduceSum(reshape(slice(sums, 0, 0, whole), [rows, SUMMED]), [1], false);
    sums = whole === n ? blocks : concat([blocks, reduceSum(slice(sums, 0, whole, n), [0], true)], 0);
  }
  return reduceSum(sums, [0], true);
}

const factorInputs = (graph: Graph): Factors => Object.fromEntries(FACTORS.map((name) => [name, graph.input(name, [])])) as Factors;

/** Inputs value, m, v and grad of every vector and the factors; outputs next_value, next_m and next_v. */
export function updateGraph(vectors: readonly UpdatedVector[], options: AdamWOptions, real: Real = 'float32'): Graph {
  const graph = new Graph({ real });
  const factors = factorInputs(graph);
  for (const vector of vectors) {
    const input = (kind: string): Value => graph.input(`${kind}:${vector.name}`, [vector.length]);
    const next = adamw({ value: input('value'), m: input('m'), v: input('v') }, input('grad'), factors, options, options.weightDecay === 0 ? false : decayed(graph, vector));
    for (const kind of ['value', 'm', 'v'] as const) graph.output(`next_${kind}:${vector.name}`, next[kind]);
  }
  return graph;
}

function decayed(graph: Graph, { ranges, offset, length }: UpdatedVector): Value | boolean {
  if (ranges.every((r) => r.decay === ranges[0]!.decay)) return ranges[0]!.decay;
  const mask = new Float32Array(length);
  for (const r of ranges) if (r.decay) mask.fill(1, r.offset - offset, r.offset - offset + r.length);
  return asReal(graph.constant(mask, [length], 'float32'));
}

/** Inputs grad of every vector and `gradScale`; output `squares`: of each scaled gradient the sum of its squares. */
export function normGraph(vectors: readonly UpdatedVector[], real: Real = 'float32'): Graph {
  const graph = new Graph({ real });
  const scale = graph.input('gradScale', []);
  graph.output('squares', concat(vectors.map((vector) => squareSum(mul(graph.input(`grad:${vector.name}`, [vector.length]), scale))), 0));
  return graph;
}

/** Inputs sum and grad of every vector; outputs next_sum. */
export function sumGraph(vectors: readonly UpdatedVector[], real: Real = 'float32'): Graph {
  const graph = new Graph({ real });
  for (const { name, length } of vectors) graph.output(`next_sum:${name}`, add(graph.input(`sum:${name}`, [length]), graph.input(`grad:${name}`, [length])));
  return graph;
}

/** Input x [length], output y: the same. For the way to a device and back. */
export function copyGraph(length: number, real: Real = 'float32'): Graph {
  const graph = new Graph({ real });
  graph.output('y', stopGradient(graph.input('x', [length])));
  return graph;
}
