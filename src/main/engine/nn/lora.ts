/** LoRA on linear layers: which layers, their flat parameter layout, initial values, and the graph fragment. Source: Hu et al. 2021; rsLoRA: Kalajdzievski 2023; rules of peft 0.21. */

import { AnnealError } from '../../../shared/errors.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { Value } from '../graph/node.ts';
import { add, cast, matmul, mul } from '../graph/ops/index.ts';
import type { ParameterRange } from '../optim/adamw.ts';
import { Random, STREAM } from './random.ts';

/** The part of a linear layer's description that LoRA needs. */
export interface Adaptable { module: string; layer: number; inFeatures: number; outFeatures: number }
export interface LoraSlot { module: string; layer: number; inFeatures: number; outFeatures: number; a: ParameterRange; b: ParameterRange }
export interface LoraPlan { config: LoraAdapter; scale: number; slots: LoraSlot[]; length: number }

/** peft's matching: a list matches whole names or dotted suffixes, a string is a regular expression over the whole name, 'all-linear' is every layer. Throws `recipe-value` when nothing matches. */
export function matchTargets<T extends Adaptable>(linears: readonly T[], target: string | readonly string[]): T[] {
  let matched: T[];
  if (target === 'all-linear') {
    matched = [...linears];
  } else if (typeof target === 'string') {
    let pattern: RegExp;
    try {
      pattern = new RegExp(`^(?:${target})$`, 'u');
    } catch (cause) {
      throw new AnnealError('recipe-value', `adapter.target_modules "${target}" is not a valid regular expression; use a list of names such as [q_proj, v_proj] or "all-linear".`, {}, { cause });
    }
    matched = linears.filter((l) => pattern.test(l.module));
  } else {
    matched = linears.filter((l) => target.some((name) => l.module === name || l.module.endsWith(`.${name}`)));
  }
  if (matched.length > 0) return matched;
  const names = [...new Set(linears.map((l) => l.module.split('.').at(-1)))].join(', ');
  throw new AnnealError('recipe-value', `adapter.target_modules ${JSON.stringify(target)} matches no linear layer of this model; its layers are ${names}.`);
}

/** Lays all A and B out in one flat vector, layer by layer. */
export function planLora(linears: readonly Adaptable[], config: LoraAdapter): LoraPlan {
  let offset = 0;
  const range = (name: string, shape: readonly number[]): ParameterRange => {
    const length = shape[0]! * shape[1]!;
    const made = { name, shape, offset, length, decay: true };
    offset += length;
    return made;
  };
  const slots = matchTargets(linears, config.target_modules).map((l): LoraSlot => ({
    module: l.module, layer: l.layer, inFeatures: l.inFeatures, outFeatures: l.outFeatures,
    a: range(`${l.module}.lora_A.weight`, [config.r, l.inFeatures]), b: range(`${l.module}.lora_B.weight`, [l.outFeatures, config.r]),
  }));
  return { config, scale: config.lora_alpha / (config.use_rslora ? Math.sqrt(config.r) : config.r), slots, length: offset };
}

/** Initial adapter: A Kaiming-uniform (or normal with deviation 1/r for 'gaussian'), B zero. `false`: both random, for tests, as in peft. */
export function initLora(plan: LoraPlan, seed: number): Float32Array {
  const flat = new Float32Array(plan.length);
  const random = new Random(seed, STREAM.loraInit);
  const { r, init_lora_weights: init } = plan.config;
  const uniform = (bound: number) => () => (random.uniform() * 2 - 1) * bound;
  const fill = (range: ParameterRange, draw: () => number): void => {
    for (let i = range.offset; i < range.offset + range.length; i++) flat[i] = draw();
  };
  for (const slot of plan.slots) {
    fill(slot.a, init === 'gaussian' ? () => random.normal() / r : uniform(1 / Math.sqrt(slot.inFeatures)));
    if (init === false) fill(slot.b, uniform(1 / Math.sqrt(r)));
  }
  return flat;
}

/** base + scale * B(A(drop(x))): x [N, in], base [N, out], a [r, in], b [out, r]. `keep` is a uint8 mask [N, in] of inverted dropout at rate p. */
export function loraLinear(x: Value, base: Value, a: Value, b: Value, scale: number, keep?: { mask: Value; p: number }): Value {
  const input = keep === undefined ? x : mul(x, mul(cast(keep.mask, x.dtype), 1 / (1 - keep.p)));
  return add(base, matmul(matmul(input, a, { transB: true }), b, { transB: true, alpha: scale }));
}

/** Fills a dropout mask from its own stream: 1 keeps, 0 drops. Two draws per 32-bit number, so the rate has a resolution of 1/65536. */
export function fillKeepMask(mask: Uint8Array, p: number, path: readonly number[]): void {
  const random = new Random(...path);
  const limit = Math.round(p * 65536);
  for (let i = 0; i < mask.length; i += 2) {
    const x = random.uint32();
    mask[i] = (x & 0xffff) >= limit ? 1 : 0;
    if (i + 1 < mask.length) mask[i + 1] = x >>> 16 >= limit ? 1 : 0;
  }
}

/** W += scale * B A, in place: weight [out, in], a [r, in], b [out, r], all row-major. */
export function mergeLora(weight: Float32Array, pair: { inFeatures: number; outFeatures: number; a: Float32Array; b: Float32Array }, r: number, scale: number): void {
  const { inFeatures, outFeatures, a, b } = pair;
  const row = new Float64Array(inFeatures);
  for (let o = 0; o < outFeatures; o++) {
    row.fill(0);
    for (let k = 0; k < r; k++) {
      const bk = b[o * r + k]!;
      for (let i = 0; i < inFeatures; i++) row[i] = row[i]! + bk * a[k * inFeatures + i]!;
    }
    for (let i = 0; i < inFeatures; i++) weight[o * inFeatures + i] = weight[o * inFeatures + i]! + scale * row[i]!;
  }
}
