/** Rotary tables (Su et al., 2021) and how they are built into a graph. `longrope` and `dynamic` depend on the length of a sequence: each sequence of a batch has its own, where transformers takes the longest of the batch. */

import type { Value } from '../graph/node.ts';
import * as o from '../graph/ops/index.ts';
import type { ForwardContext } from './family.ts';
import type { RopeConfig } from './rope-config.ts';

/** Inverse frequencies [dim / 2] in float64, for a sequence of `length` tokens (matters to `longrope` and `dynamic` only; default: no longer than the original context). */
export function inverseFrequencies(rope: RopeConfig, length = 0): Float64Array {
  const { dim, theta, scaling: s } = rope;
  const powers = (base: number): Float64Array => Float64Array.from({ length: dim / 2 }, (_, i) => base ** (-(2 * i) / dim));
  switch (s.type) {
    case 'default': return powers(theta);
    case 'linear': return powers(theta).map((f) => f / s.factor);
    case 'dynamic': return powers(theta * ((s.factor * Math.max(length, s.original)) / s.original - (s.factor - 1)) ** (dim / (dim - 2)));
    case 'longrope': {
      const divisors = length > s.original ? s.long : s.short;
      return powers(theta).map((f, i) => f / divisors[i]!);
    }
    case 'llama3': return powers(theta).map((f) => {
      const wavelength = (2 * Math.PI) / f;
      if (wavelength > s.original / s.low) return f / s.factor;
      if (wavelength < s.original / s.high) return f;
      const smooth = (s.original / wavelength - s.low) / (s.high - s.low);
      return ((1 - smooth) * f) / s.factor + smooth * f;
    });
    case 'yarn': {
      const correction = (rotations: number): number => (dim * Math.log(s.original / (rotations * 2 * Math.PI))) / (2 * Math.log(theta));
      const round = s.truncate ? { down: Math.floor, up: Math.ceil } : { down: (x: number) => x, up: (x: number) => x };
      const low = Math.max(round.down(correction(s.betaFast)), 0);
      let high = Math.min(round.up(correction(s.betaSlow)), dim - 1);
      if (low === high) high += 0.001;
      return powers(theta).map((f, i) => {
        const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
        return (f / s.factor) * ramp + f * (1 - ramp);
      });
    }
  }
}

/** The length up to which a sequence has other rotary tables than beyond: keys that were computed before it grows past this number are no longer right. Null when there is none within the context. */
export function rotarySwitch({ rope: { scaling }, maxPositions }: { rope: RopeConfig; maxPositions: number }): number | null {
  return scaling.type === 'longrope' && scaling.original < maxPositions ? scaling.original : null;
}

/** What cos and sin are multiplied with. */
function attentionFactor({ scaling: s }: RopeConfig): number { return s.type === 'yarn' || s.type === 'longrope' ? s.attentionFactor : 1; }

/** cos and sin tables [positions, dim / 2], attention factor included. */
export function ropeTables(rope: RopeConfig, positions: number, length = 0): { cos: Float64Array; sin: Float64Array } {
  const inverse = inverseFrequencies(rope, length);
  const scale = attentionFactor(rope);
  const half = rope.dim / 2;
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

/** cos and sin of every slot. */
export interface Rotation { cos: Value; sin: Value; dim: number }

/** The rotation of positions [B, T]: looked up in tables of `ctx.maxPositions` rows. */
export function rotation(ctx: ForwardContext, rope: RopeConfig, positions: Value): Rotation {
  const { graph, maxPositions } = ctx;
  const { dim, scaling: s } = rope;
  const [batch, length] = positions.shape as [number, number];
  const half = dim / 2;
  // Rank 2 for a single row: providers have a kernel for that form.
  const shape = batch === 1 ? [length, half] : [batch, 1, length, half];
  if (s.type === 'dynamic' && maxPositions > s.original) return dynamicRotation(ctx, rope, s, positions, shape);
  const lookUp = (data: Float64Array): Value => o.reshape(o.gather(graph.constant(graph.real === 'float64' ? data : Float32Array.from(data), [maxPositions, half]), positions), shape);
  const tables = (sequence: number): { cos: Value; sin: Value } => {
    const t = ropeTables(rope, maxPositions, sequence);
    return { cos: lookUp(t.cos), sin: lookUp(t.sin) };
  };
  const short = tables(0);
  if (s.type !== 'longrope' || maxPositions <= s.original) return { ...short, dim };
  const long = tables(s.original + 1);
  const isLong = o.greater(slotColumn(ctx.sequenceLengths(), batch), graph.constant(Int32Array.of(s.original), [], 'int32'));
  return { cos: o.where(isLong, long.cos, short.cos), sin: o.where(isLong, long.sin, short.sin), dim };
}

/** [B, T or 1] -> a column that broadcasts against the tables. */
function slotColumn(lengths: Value, batch: number): Value {
  const width = lengths.shape[1]!;
  return o.reshape(o.cast(lengths, 'int32'), batch === 1 ? [width, 1] : [batch, 1, width, 1]);
}

/** The base grows with the length of the sequence, so that there is no table: frequencies and angles are computed. */
function dynamicRotation(ctx: ForwardContext, rope: RopeConfig, s: { factor: number; original: number }, positions: Value, shape: number[]): Rotation {
  const { graph } = ctx;
  const { dim } = rope;
  const batch = positions.shape[0]!;
  const lengths = o.maximum(o.asReal(slotColumn(ctx.sequenceLengths(), batch)), s.original);
  const stretch = o.log(o.sub(o.mul(lengths, s.factor / s.original), s.factor - 1));
  const logBase = o.add(o.mul(stretch, dim / (dim - 2)), Math.log(rope.theta));
  const exponents = graph.constant(Array.from({ length: dim / 2 }, (_, i) => -(2 * i) / dim), [dim / 2]);
  const angles = o.mul(o.asReal(slotColumn(positions, batch)), o.exp(o.mul(logBase, exponents)));
  return { cos: o.expand(o.cos(angles), shape), sin: o.expand(o.sin(angles), shape), dim };
}

/** Turns the first `dim` elements of each head of x [B, heads, T, headDim] by its slot's angles. */
export function rotate(x: Value, { cos, sin, dim }: Rotation): Value {
  const size = x.shape.at(-1)!;
  if (dim === size) return o.rope(x, cos, sin);
  return o.concat([o.rope(o.slice(x, -1, 0, dim), cos, sin), o.slice(x, -1, dim, size)], -1);
}
