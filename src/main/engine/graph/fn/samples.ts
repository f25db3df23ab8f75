/** Sample inputs of the composites: one entry per composite (several where it has forms), run by the same harness as the ops. */

import * as o from '../ops/index.ts';
import type { Value } from '../node.ts';
import type { SampleInput } from '../op.ts';
import type { Sampler } from '../sample.ts';
import * as fn from './index.ts';

export interface FnSample {
  readonly name: string;
  readonly inputs: (random: Sampler) => SampleInput[];
  readonly build: (inputs: Value[]) => Value[];
  /** Inputs that take a gradient; default all reals. */
  readonly wrt?: readonly number[];
  /** Uses an op without a float64 kernel in ORT. */
  readonly floatOnly?: boolean;
}

const onRows = (name: string, f: (x: Value) => Value, floatOnly = false): FnSample => ({ name, inputs: r => [r.real([3, 5])], build: ([x]) => [f(x!)], floatOnly });

/** Every query sees at least the key of its own position, as in any real mask. */
const visible = (mask: SampleInput): SampleInput => {
  const [t, s] = mask.shape.slice(-2) as [number, number];
  mask.data.forEach((_, i) => { if (Math.floor(i / s) % t === i % s) mask.data[i] = 1; });
  return mask;
};

const attentionCase = (name: string, [b, heads, kv, t, s, d]: [number, number, number, number, number, number], options: { causal?: boolean; chunk?: number; window?: number; softcap?: number; mask?: 'rank2' | 'rank4' }): FnSample => ({
  name: `attention ${name}`,
  inputs: r => [r.real([b, heads, t, d]), r.real([b, kv, s, d]), r.real([b, kv, s, d]), ...(options.mask ? [visible(r.bools(options.mask === 'rank2' ? [t, s] : [b, 1, t, s]))] : [])],
  build: ([q, k, v, allowed]) => [fn.attention({ q: q!, k: k!, v: v!, causal: options.causal, chunk: options.chunk, window: options.window, softcap: options.softcap, mask: allowed ? o.where(allowed, 0, fn.MASKED) : undefined })],
});

const rows = (random: Sampler): SampleInput[] => [random.real([5, 3]), random.real([7, 3]), random.ints([5], 7), random.real([5], 0, 1)];

export const fnSamples: readonly FnSample[] = [
  onRows('softmax', fn.softmax), onRows('logSumExp', x => fn.logSumExp(x)), onRows('logSoftmax', fn.logSoftmax), onRows('entropy', fn.entropy),
  onRows('silu', fn.silu), onRows('gelu', fn.gelu, true), onRows('geluTanh', fn.geluTanh), onRows('logSigmoid', fn.logSigmoid), onRows('square', fn.square),
  { name: 'relu', inputs: r => [r.nonzero([3, 5])], build: ([x]) => [fn.relu(x!)] },
  { name: 'clamp', inputs: r => [r.distinct([3, 5])], build: ([x]) => [fn.clamp(x!, -0.2125, 0.2375)] },
  { name: 'swiglu', inputs: r => [r.real([3, 4]), r.real([3, 4])], build: ([a, b]) => [fn.swiglu(a!, b!)] },
  { name: 'gegluTanh', inputs: r => [r.real([3, 4]), r.real([3, 4])], build: ([a, b]) => [fn.gegluTanh(a!, b!)] },
  { name: 'rmsNorm', inputs: r => [r.real([2, 3, 4]), r.real([4])], build: ([x, w]) => [fn.rmsNorm(x!, w!, 1e-5)] },
  { name: 'layerNorm', inputs: r => [r.real([3, 4]), r.real([4]), r.real([4])], build: ([x, w, b]) => [fn.layerNorm(x!, w!, b, 1e-5)] },
  { name: 'linear', inputs: r => [r.real([2, 3, 4]), r.real([5, 4]), r.real([5])], build: ([x, w, b]) => [fn.linear(x!, w!, b)] },
  { name: 'linear without bias, scaled', inputs: r => [r.real([3, 4]), r.real([5, 4])], build: ([x, w]) => [fn.linear(x!, w!, undefined, 0.5)] },
  { name: 'rope', inputs: r => [r.real([1, 2, 3, 4]), r.real([3, 2]), r.real([3, 2])], build: ([x, c, s]) => [fn.rope(x!, c!, s!)], wrt: [0] },
  attentionCase('one chunk', [1, 2, 2, 3, 3, 4], { causal: true }),
  attentionCase('grouped, causal chunks', [2, 4, 2, 7, 7, 2], { causal: true, chunk: 3 }),
  attentionCase('no mask, more keys', [1, 4, 1, 3, 5, 2], { chunk: 2 }),
  attentionCase('mask of rank 2', [1, 4, 2, 4, 6, 2], { mask: 'rank2', chunk: 3 }),
  attentionCase('mask of rank 4, causal', [2, 2, 1, 5, 5, 2], { mask: 'rank4', causal: true, chunk: 2 }),
  attentionCase('window, causal chunks', [2, 2, 1, 7, 7, 2], { causal: true, chunk: 3, window: 3 }),
  attentionCase('capped scores', [1, 4, 2, 5, 5, 2], { causal: true, chunk: 3, softcap: 1.5 }),
  attentionCase('capped scores with a mask', [2, 2, 2, 4, 4, 2], { mask: 'rank4', softcap: 0.8, chunk: 2 }),
  { name: 'tokenLogProbs', inputs: r => [r.real([4, 6]), r.ints([4], 6)], build: ([x, t]) => [fn.tokenLogProbs(x!, t!)] },
  { name: 'argmaxHits', inputs: r => [r.distinct([4, 3]), r.ints([4], 3)], build: ([x, t]) => [fn.argmaxHits(x!, t!)], wrt: [] },
  { name: 'rowLogProbs', inputs: rows, build: ([h, w, t]) => [fn.rowLogProbs(h!, w!, t!, { chunk: 2, logitScale: 0.7 }).logProbs], wrt: [0, 1] },
  { name: 'rowLogProbs capped', inputs: rows, build: ([h, w, t]) => [fn.rowLogProbs(h!, w!, t!, { chunk: 2, logitScale: 0.7, softcap: 1.2 }).logProbs], wrt: [0, 1] },
  { name: 'rowLogProbs capped, entropy', inputs: rows, build: ([h, w, t]) => [fn.rowLogProbs(h!, w!, t!, { chunk: 2, softcap: 1.2 }).entropy], wrt: [] },
  { name: 'crossEntropyRows', inputs: rows, build: ([h, w, t, m]) => { const r = fn.crossEntropyRows(h!, w!, t!, m!, { chunk: 3 }); return [r.loss, r.logProbs, r.entropy, r.hits]; } },
];
