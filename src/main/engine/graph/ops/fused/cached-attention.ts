/**
 * One new token a row against the keys and values of the tokens before it (contrib op GroupQueryAttention). Keys and values may be turned here, as they come, by tables of rotary
 * angles. The kernel copies the cache once for each use (its own answer holds the cache grown by one, which nobody reads): for small caches. Made by generate/decode-attention.
 */

import { dims, graphError, shapeError } from '../../dtype.ts';
import { nd } from '../../nd.ts';
import type { Nd } from '../../nd.ts';
import type { Op } from '../../op.ts';
import { expectInputs } from '../../shape.ts';

/**
 * `packed`: inputs are qkv [B, 1, (heads + 2 kvHeads) * D], past keys and values [B, kvHeads, S, D] and lengths int32 [B]; otherwise q, k, v [B, 1, ...] apart. `rotary`: two more, cos and sin
 * [positions, at most D / 2], and a row's new token stands at its length. `window`: tokens that are seen, the new one included.
 */
export interface CachedAttentionParams { heads: number; kvHeads: number; scale: number; window: number | null; softcap: number | null; packed: boolean; rotary: boolean }

function sizes(inputs: readonly { shape: readonly number[] }[], { packed }: CachedAttentionParams): { batch: number; slots: number; size: number; first: number } {
  const first = packed ? 1 : 3;
  const [batch, , slots, size] = (inputs[first]?.shape ?? []) as [number, number, number, number];
  return { batch, slots, size, first };
}

export const cachedAttention: Op<CachedAttentionParams> = {
  name: 'cachedAttention', saves: [], fused: true,
  infer(inputs, params) {
    const { heads, kvHeads, packed, rotary } = params;
    expectInputs(inputs, (packed ? 4 : 6) + (rotary ? 2 : 0), 'cachedAttention');
    const { batch, slots, size, first } = sizes(inputs, params);
    const wanted = packed ? [[batch, 1, (heads + 2 * kvHeads) * size]] : [heads, kvHeads, kvHeads].map(n => [batch, 1, n * size]);
    [...wanted, [batch, kvHeads, slots, size], [batch, kvHeads, slots, size], [batch]].forEach((shape, i) => {
      if (inputs[i]!.shape.join() !== shape.join()) throw shapeError(`cachedAttention: input ${i} must be ${dims(shape)}, got ${dims(inputs[i]!.shape)}.`);
    });
    if (inputs[first + 2]!.dtype !== 'int32' || heads % kvHeads !== 0 || size % 8 !== 0 || (rotary && size % 16 !== 0)) throw shapeError(`cachedAttention: lengths must be int32, heads a multiple of ${kvHeads}, and ${size} a multiple of ${rotary ? 16 : 8}.`);
    return [{ dtype: inputs[0]!.dtype, shape: [batch, 1, heads * size] }];
  },
  eval(inputs, params) {
    const { heads, kvHeads, scale, window, softcap, packed, rotary } = params;
    const { batch, slots, size, first } = sizes(inputs, params);
    const [pastK, pastV, lengths] = inputs.slice(first) as [Nd, Nd, Nd];
    const [cos, sin] = rotary ? inputs.slice(-2) as [Nd, Nd] : [];
    const out = nd([batch, 1, heads * size]);
    for (let b = 0; b < batch; b++) {
      const length = lengths.data[b]!;
      /** Head `h` of q (0), k (1) or v (2). */
      const row = (part: 0 | 1 | 2, h: number): Float64Array => {
        const width = part === 0 ? heads : kvHeads;
        const start = packed ? (b * (heads + 2 * kvHeads) + [0, heads, heads + kvHeads][part]! + h) * size : (b * width + h) * size;
        const x = inputs[packed ? 0 : part]!.data.slice(start, start + size);
        if (part === 2 || !cos || !sin) return x;
        const half = cos.shape[1]!;
        const turned = x.slice();
        for (let i = 0; i < half; i++) {
          const [c, s] = [cos.data[length * half + i]!, sin.data[length * half + i]!];
          turned[i] = x[i]! * c - x[i + half]! * s;
          turned[i + half] = x[i + half]! * c + x[i]! * s;
        }
        return turned;
      };
      for (let h = 0; h < heads; h++) {
        const kv = Math.floor(h * kvHeads / heads);
        const [q, k, v] = [row(0, h), row(1, kv), row(2, kv)];
        const at = (t: number, i: number): number => ((b * kvHeads + kv) * slots + t) * size + i;
        const from = window === null ? 0 : Math.max(0, length + 1 - window);
        const scores: number[] = [];
        for (let t = from; t <= length; t++) {
          let dot = 0;
          for (let i = 0; i < size; i++) dot += q[i]! * (t === length ? k[i]! : pastK.data[at(t, i)]!);
          scores.push(softcap === null ? dot * scale : softcap * Math.tanh(dot * scale / softcap));
        }
        const max = Math.max(...scores);
        const total = scores.reduce((sum, x) => sum + Math.exp(x - max), 0);
        scores.forEach((x, j) => {
          const p = Math.exp(x - max) / total;
          const t = from + j;
          for (let i = 0; i < size; i++) out.data[(b * heads + h) * size + i]! += p * (t === length ? v[i]! : pastV.data[at(t, i)]!);
        });
      }
    }
    return [out];
  },
  lower(ctx) {
    const { heads, kvHeads, scale, window, softcap, packed, rotary } = ctx.params;
    const { slots } = sizes(ctx.inputTypes, ctx.params);
    // Its kernel there leaves the cap out.
    if (softcap !== null && ctx.provider !== 'cpu') throw graphError(`cachedAttention cannot cap its scores on ${ctx.provider}.`);
    const given = packed ? [ctx.inputs[0]!, '', ''] : ctx.inputs.slice(0, 3);
    const [pastK, pastV, lengths, ...tables] = ctx.inputs.slice(packed ? 1 : 3);
    ctx.node('GroupQueryAttention', [...given, pastK!, pastV!, lengths!, ctx.constant('int32', [], [slots]), ...tables], {
      num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, scale: { float: scale }, do_rotary: { int: Number(rotary) },
      ...(softcap === null ? {} : { softcap: { float: softcap } }), ...(window === null || window > slots ? {} : { local_window_size: { int: window } }),
    }, [ctx.outputs[0]!, ...grown(ctx.outputs[0]!)], 'ms');
  },
  samples: random => [[false, false, null], [true, false, 3], [false, true, null], [true, true, 2]].map(([packed, rotary, window], i) => {
    const [batch, kvHeads, slots, size] = [1 + i % 2, random.int(1, 3), 6, 16];
    const heads = kvHeads * random.int(1, 4);
    const real = (shape: number[]) => ({ ...random.real(shape), dtype: 'float32' as const });
    const fresh = packed ? [real([batch, 1, (heads + 2 * kvHeads) * size])] : [heads, kvHeads, kvHeads].map(n => real([batch, 1, n * size]));
    return {
      inputs: [...fresh, real([batch, kvHeads, slots, size]), real([batch, kvHeads, slots, size]), random.ints([batch], slots, 'int32'), ...(rotary ? [real([slots, size / 2]), real([slots, size / 2])] : [])],
      params: { heads, kvHeads, scale: 0.3, window: window as number | null, softcap: null, packed: packed as boolean, rotary: rotary as boolean },
    };
  }),
};

const grown = (name: string): string[] => [`${name}:keys`, `${name}:values`];
