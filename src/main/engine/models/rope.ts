/** Rotary position tables: default, linear, llama3 and yarn scaling. Reads transformers 5's `rope_parameters` and the older `rope_scaling` + `rope_theta`.
 * Sources: Su et al. 2021; Peng et al. 2023 (yarn); formulas of `shared/spec/alignment.md` section 13. `dynamic` and `longrope` are refused: their tables depend on the sequence length. */

import { configError } from './config-error.ts';

export interface RopeConfig { theta: number; scaling: RopeScaling }
export type RopeScaling =
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  | { type: 'llama3'; factor: number; low: number; high: number; original: number }
  | { type: 'yarn'; factor: number; original: number; betaFast: number; betaSlow: number; attentionFactor: number; truncate: boolean };

type Json = Record<string, unknown>;
function isRecord(value: unknown): value is Json { return typeof value === 'object' && value !== null && !Array.isArray(value); }

export function parseRope(config: Json, defaults: { theta: number; maxPositions: number; headDim: number }): RopeConfig {
  const partial = config['partial_rotary_factor'];
  if (partial !== undefined && partial !== null && partial !== 1) throw configError('"partial_rotary_factor" other than 1 is not supported yet');
  const parameters = isRecord(config['rope_parameters']) ? config['rope_parameters'] : isRecord(config['rope_scaling']) ? config['rope_scaling'] : {};
  const theta = parameters['rope_theta'] ?? config['rope_theta'] ?? defaults.theta;
  if (typeof theta !== 'number' || !(theta > 0)) throw configError(`"rope_theta" must be a positive number but is ${JSON.stringify(theta)}`);
  return { theta, scaling: parseScaling(parameters, defaults.maxPositions) };
}

function parseScaling(p: Json, maxPositions: number): RopeScaling {
  const type: unknown = p['rope_type'] ?? p['type'] ?? 'default';
  const number = (key: string, fallback?: number): number => {
    const value = p[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw configError(`rope scaling "${String(type)}" needs the number "${key}"`);
    return value;
  };
  switch (type) {
    case 'default': return { type: 'default' };
    case 'linear': return { type: 'linear', factor: number('factor') };
    case 'llama3': return { type: 'llama3', factor: number('factor'), low: number('low_freq_factor'), high: number('high_freq_factor'), original: number('original_max_position_embeddings') };
    case 'yarn': {
      const original = number('original_max_position_embeddings', maxPositions);
      const factor = number('factor', maxPositions / original);
      return { type: 'yarn', factor, original, betaFast: number('beta_fast', 32), betaSlow: number('beta_slow', 1), attentionFactor: yarnAttention(p, factor), truncate: p['truncate'] !== false };
    }
    default: throw configError(`the rope scaling "${String(type)}" is not supported yet (default, linear, llama3 and yarn are)`);
  }
}

function yarnAttention(p: Json, factor: number): number {
  const mscale = (scale: number, m: number): number => (scale <= 1 ? 1 : 0.1 * m * Math.log(scale) + 1);
  if (typeof p['attention_factor'] === 'number') return p['attention_factor'];
  const { mscale: m, mscale_all_dim: all } = p;
  if (typeof m === 'number' && typeof all === 'number' && m !== 0 && all !== 0) return mscale(factor, m) / mscale(factor, all);
  return mscale(factor, 1);
}

/** Inverse frequencies [headDim / 2] in float64. */
export function inverseFrequencies(rope: RopeConfig, headDim: number): Float64Array {
  const half = headDim / 2;
  const base = Float64Array.from({ length: half }, (_, i) => rope.theta ** (-(2 * i) / headDim));
  const s = rope.scaling;
  switch (s.type) {
    case 'default': return base;
    case 'linear': return base.map((f) => f / s.factor);
    case 'llama3': return base.map((f) => {
      const wavelength = (2 * Math.PI) / f;
      if (wavelength > s.original / s.low) return f / s.factor;
      if (wavelength < s.original / s.high) return f;
      const smooth = (s.original / wavelength - s.low) / (s.high - s.low);
      return ((1 - smooth) * f) / s.factor + smooth * f;
    });
    case 'yarn': {
      const correction = (rotations: number): number => (headDim * Math.log(s.original / (rotations * 2 * Math.PI))) / (2 * Math.log(rope.theta));
      let low = correction(s.betaFast);
      let high = correction(s.betaSlow);
      if (s.truncate) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, headDim - 1);
      if (low === high) high += 0.001;
      return base.map((f, i) => {
        const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
        return (f / s.factor) * ramp + f * (1 - ramp);
      });
    }
  }
}

/** cos and sin tables [positions, headDim / 2], attention factor included. */
export function ropeTables(rope: RopeConfig, headDim: number, positions: number): { cos: Float64Array; sin: Float64Array } {
  const inverse = inverseFrequencies(rope, headDim);
  const scale = rope.scaling.type === 'yarn' ? rope.scaling.attentionFactor : 1;
  const half = headDim / 2;
  const cos = new Float64Array(positions * half);
  const sin = new Float64Array(positions * half);
  for (let p = 0; p < positions; p++) {
    for (let i = 0; i < half; i++) {
      // transformers forms the angle in float32; doing the same keeps long positions equal to it.
      const angle = Math.fround(p * Math.fround(inverse[i]!));
      cos[p * half + i] = Math.cos(angle) * scale;
      sin[p * half + i] = Math.sin(angle) * scale;
    }
  }
  return { cos, sin };
}
