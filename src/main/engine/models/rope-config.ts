/** Rotary positions as config.json describes them: transformers 5's `rope_parameters` and the older `rope_scaling` + `rope_theta`, with `rope_type` or `type`. Formulas: `shared/spec/alignment.md` section 13. */

import { configError } from './config-error.ts';

export interface RopeConfig {
  theta: number;
  /** Elements of a head that are rotated, from the first on; even. */
  dim: number;
  scaling: RopeScaling;
}
export type RopeScaling =
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  /** NTK scaling of sequences longer than `original` (Reddit users bloc97 and emozilla, 2023). */
  | { type: 'dynamic'; factor: number; original: number }
  | { type: 'llama3'; factor: number; low: number; high: number; original: number }
  /** Peng et al., 2023. */
  | { type: 'yarn'; factor: number; original: number; betaFast: number; betaSlow: number; attentionFactor: number; truncate: boolean }
  /** Ding et al., 2024: a divisor for each frequency; `long` for sequences longer than `original`. */
  | { type: 'longrope'; short: readonly number[]; long: readonly number[]; original: number; attentionFactor: number };
export const ROPE_TYPES = ['default', 'linear', 'dynamic', 'yarn', 'longrope', 'llama3'] as const satisfies readonly RopeScaling['type'][];

export interface RopeDefaults { theta: number; maxPositions: number; headDim: number; /** Accept partial_rotary_factor. */ partial?: boolean }

type Json = Record<string, unknown>;
export function isRecord(value: unknown): value is Json { return typeof value === 'object' && value !== null && !Array.isArray(value); }

/** Reads the config's one set of rope parameters, or `given` (for configs with several). */
export function parseRope(config: Json, defaults: RopeDefaults, given?: Json): RopeConfig {
  const parameters = given ?? (isRecord(config['rope_parameters']) ? config['rope_parameters'] : isRecord(config['rope_scaling']) ? config['rope_scaling'] : {});
  const theta = parameters['rope_theta'] ?? config['rope_theta'] ?? defaults.theta;
  if (typeof theta !== 'number' || !(theta > 0)) throw configError(`"rope_theta" must be a positive number but is ${JSON.stringify(theta)}`);
  const dim = rotaryDim(parameters['partial_rotary_factor'] ?? config['partial_rotary_factor'] ?? 1, defaults);
  return { theta, dim, scaling: parseScaling(config, parameters, defaults.maxPositions, dim) };
}

function rotaryDim(factor: unknown, { headDim, partial = false }: RopeDefaults): number {
  if (typeof factor !== 'number' || !(factor > 0 && factor <= 1)) throw configError(`"partial_rotary_factor" must be above 0 and at most 1 but is ${JSON.stringify(factor)}`);
  if (factor !== 1 && !partial) throw configError(`"partial_rotary_factor" is ${factor}, but this model type rotates whole heads (only 1)`);
  const dim = Math.floor(headDim * factor);
  if (dim < 2 || dim % 2 !== 0) throw configError(`"partial_rotary_factor" ${factor} of the head size ${headDim} leaves ${dim} elements to rotate, which must be an even number`);
  return dim;
}

function parseScaling(config: Json, p: Json, maxPositions: number, dim: number): RopeScaling {
  const type: unknown = p['rope_type'] ?? p['type'] ?? 'default';
  const number = (key: string, fallback?: unknown): number => {
    const value = p[key] ?? fallback;
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) throw configError(`the rope scaling ${JSON.stringify(type)} needs a positive number "${key}" but it is ${JSON.stringify(value) ?? 'missing'}`);
    return value;
  };
  switch (type) {
    case 'default': return { type: 'default' };
    case 'linear': return { type: 'linear', factor: number('factor') };
    case 'dynamic':
      if (dim <= 2) throw configError('the rope scaling "dynamic" needs more than two rotated elements in a head');
      return { type: 'dynamic', factor: number('factor'), original: maxPositions };
    case 'llama3': {
      const [low, high] = [number('low_freq_factor'), number('high_freq_factor')];
      if (low >= high) throw configError(`the rope scaling "llama3" needs low_freq_factor (${low}) below high_freq_factor (${high})`);
      return { type: 'llama3', factor: number('factor'), low, high, original: number('original_max_position_embeddings', maxPositions) };
    }
    case 'yarn': {
      const original = number('original_max_position_embeddings', maxPositions);
      const factor = number('factor', maxPositions / original);
      return { type: 'yarn', factor, original, betaFast: number('beta_fast', 32), betaSlow: number('beta_slow', 1), attentionFactor: yarnAttention(p, factor), truncate: p['truncate'] !== false };
    }
    case 'longrope': case 'su': {
      const original = number('original_max_position_embeddings', config['original_max_position_embeddings'] ?? maxPositions);
      const factor = number('factor', maxPositions / original);
      const attentionFactor = number('attention_factor', factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original)));
      return { type: 'longrope', short: divisors(p, 'short_factor', dim / 2), long: divisors(p, 'long_factor', dim / 2), original, attentionFactor };
    }
    default: throw configError(`the rope scaling ${JSON.stringify(type)} is not known (known are ${ROPE_TYPES.join(', ')})`);
  }
}

function divisors(p: Json, key: string, length: number): number[] {
  const value = p[key];
  if (!Array.isArray(value) || !value.every((x): x is number => typeof x === 'number' && x > 0)) throw configError(`the rope scaling "longrope" needs "${key}", a list of positive numbers`);
  if (value.length !== length) throw configError(`"${key}" has ${value.length} numbers, but ${length} pairs of a head are rotated`);
  return value;
}

function yarnAttention(p: Json, factor: number): number {
  const mscale = (scale: number, m: number): number => (scale <= 1 ? 1 : 0.1 * m * Math.log(scale) + 1);
  if (typeof p['attention_factor'] === 'number') return p['attention_factor'];
  const { mscale: m, mscale_all_dim: all } = p;
  if (typeof m === 'number' && typeof all === 'number' && m !== 0 && all !== 0) return mscale(factor, m) / mscale(factor, all);
  return mscale(factor, 1);
}
