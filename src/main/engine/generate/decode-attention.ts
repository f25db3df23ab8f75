/**
 * Attention of one new token a row over the cache, in two forms. `apart` reads the cache as it lies: scores against the cache and against the new token are made apart and joined. `grouped`
 * is one kernel that turns the new heads itself but copies the cache at every use: faster while the cache is small.
 */

import type { Graph, Value } from '../graph/node.ts';
import { opNamed } from '../graph/op.ts';
import * as o from '../graph/ops/index.ts';
import type { CachedAttentionParams } from '../graph/ops/fused/cached-attention.ts';
import type { DecoderConfig } from '../models/config.ts';
import type { AttentionHeads, AttentionOptions } from '../models/family.ts';
import { MASKED } from './kv-cache.ts';

export interface DecodeAttention {
  attend: (layer: number, heads: AttentionHeads, options: AttentionOptions) => Value;
  /** New keys and values of all attention layers so far: [2, B, layers, kvHeads, headDim]. */
  fresh: () => Value;
}

/** Inputs `positions` [B, 1] and the cache; the graph gets an input k.i and v.i [B, kvHeads, slots, headDim] for each layer. */
interface Cache { graph: Graph; config: DecoderConfig; positions: Value; batch: number; slots: number }

const past = ({ graph, config, batch, slots }: Cache, name: 'k' | 'v', layer: number): Value => graph.input(`${name}.${layer}`, [batch, config.kvHeads, slots, config.headDim]);

/** `mask` [B, slots + 1] is added to the scores; its last column is the token itself. */
export function apart(cache: Cache, mask: Value): DecodeAttention {
  const { batch, slots, config: { kvHeads, headDim, heads: queryHeads } } = cache;
  const masks = windowMasks(cache, mask);
  const kept: AttentionHeads[] = [];
  const n = batch * kvHeads;
  const group = queryHeads / kvHeads;
  return {
    attend: (layer, h, { scale, window, softcap }) => {
      kept.push(h);
      const flat = (name: 'k' | 'v'): Value => o.reshape(past(cache, name, layer), [n, slots, headDim]);
      const q = o.reshape(h.q, [n, group, headDim]);
      const alpha = scale / (softcap ?? 1);
      const old = o.matmul(q, flat('k'), { transB: true, alpha });
      const own = o.matmul(q, o.reshape(h.k, [n, 1, headDim]), { transB: true, alpha });
      const scores = o.reshape(o.concat([old, own], 2), [batch, queryHeads, 1, slots + 1]);
      const p = o.reshape(o.softmax(o.add(softcap === null ? scores : o.mul(o.tanh(scores), softcap), masks(window))), [n, group, slots + 1]);
      const mixed = o.add(o.matmul(o.slice(p, 2, 0, slots), flat('v')), o.mul(o.slice(p, 2, slots, slots + 1), o.reshape(h.v, [n, 1, headDim])));
      return o.reshape(mixed, [batch, queryHeads, 1, headDim]);
    },
    fresh: () => both(joined(kept.map((h) => h.k)), joined(kept.map((h) => h.v))),
  };
}

/** Heads [B, n, 1, D] of several layers as [B, layers, n, D]. */
function joined(heads: readonly Value[]): Value {
  const [batch, n, , size] = heads[0]!.shape as [number, number, number, number];
  return o.concat(heads.map((x) => o.reshape(x, [batch, 1, n, size])), 1);
}
const both = (keys: Value, values: Value): Value => o.concat([keys, values].map((x) => o.reshape(x, [1, ...x.shape])), 0);

/** The mask [B, slots + 1] as scores [B, heads, 1, slots + 1] need it, and the same with the keys outside a window hidden. */
function windowMasks({ graph, positions }: Cache, mask: Value): (window: number | null) => Value {
  const [batch, columns] = mask.shape as [number, number];
  const made = new Map<number | null, Value>([[null, o.reshape(mask, [batch, 1, 1, columns])]]);
  return window => {
    const known = made.get(window);
    if (known) return known;
    const int = (data: Int32Array): Value => graph.constant(data, [1, data.length], 'int32');
    // Slot s holds position s. The token's own column stands last and is always near.
    const near = o.greater(int(Int32Array.from({ length: columns }, (_, s) => (s === columns - 1 ? 0x7fffffff : s))), o.sub(positions, int(Int32Array.of(window!))));
    const hidden = o.reshape(o.where(near, mask, MASKED), [batch, 1, 1, columns]);
    made.set(window, hidden);
    return hidden;
  };
}

/** The grouped kernel's own conditions. */
export const groupable = ({ heads, kvHeads, headDim }: DecoderConfig): boolean => headDim % 8 === 0 && heads % kvHeads === 0;

/** Heads before their rotation by tables that are looked up at the token's position: what the kernel can do itself. */
interface Turn { x: Value; cos: Value; sin: Value }
function turnOf(v: Value, positions: Value): Turn | undefined {
  if (v.node?.op.name !== 'rope') return undefined;
  const [x, cos, sin] = v.node.inputs as [Value, Value, Value];
  const table = (t: Value): Value | undefined => {
    const found = t.node?.op.name === 'reshape' ? t.node.inputs[0]!.node : t.node;
    return found?.op.name === 'gather' && found.inputs[1] === positions && found.inputs[0]!.shape.length === 2 ? found.inputs[0] : undefined;
  };
  const [c, s] = [table(cos), table(sin)];
  return c && s && { x, cos: c, sin: s };
}

/** The product with a frozen weight behind heads [B, n, 1, D] that are nothing but its columns. */
function productOf(heads: Value): { x: Value; w: Value } | undefined {
  let v: Value = heads;
  while (v.node?.op.name === 'reshape' || v.node?.op.name === 'transpose') v = v.node.inputs[0]!;
  if (v.node?.op.name !== 'matmul') return undefined;
  const { transA, transB, alpha } = v.node.params as { transA: boolean; transB: boolean; alpha: number };
  const [x, w] = v.node.inputs as [Value, Value];
  const frozen = (w.node?.op.name === 'cast' ? w.node.inputs[0]! : w).source?.kind === 'weight';
  return !transA && transB && alpha === 1 && w.shape.length === 2 && frozen ? { x, w } : undefined;
}

/** `pack`: one product for queries, keys and values where they have the same input and nothing else; its weight is a joined copy. */
export function grouped(cache: Cache, pack: boolean): DecodeAttention {
  const { positions, batch, config } = cache;
  const { heads, kvHeads, headDim } = config;
  const lengths = o.reshape(positions, [batch]);
  const parts = new Map<string, Part>();
  let count = 0;
  return {
    attend: (layer, h, { scale, window, softcap }) => {
      const [turnQ, turnK] = [turnOf(h.q, positions), turnOf(h.k, positions)];
      const rotary = headDim % 16 === 0 && turnQ !== undefined && turnK !== undefined && turnQ.cos === turnK.cos && turnQ.sin === turnK.sin;
      const [q, k] = rotary ? [turnQ.x, turnK.x] : [h.q, h.k];
      const products = pack ? [q, k, h.v].map(productOf) : [];
      const packed = products.length > 0 && products.every((p) => p !== undefined && p.x === products[0]!.x);
      const row = (v: Value): Value => o.reshape(v, [batch, 1, -1]);
      const given = packed ? [row(o.matmul(products[0]!.x, o.concat(products.map((p) => p!.w), 0), { transB: true }))] : [row(q), row(k), row(h.v)];
      const turn = rotary ? { cos: h.k.node!.inputs[1]!, sin: h.k.node!.inputs[2]! } : undefined;
      const key = `${packed} ${turn?.cos.id}`;
      const part: Part = parts.get(key) ?? { packed, given: [], places: [], turn };
      parts.set(key, part);
      part.given.push(given);
      part.places.push(count++);
      const shared = { heads, kvHeads, scale, window, softcap, packed, rotary } satisfies CachedAttentionParams;
      const [out] = cache.graph.apply(opNamed('cachedAttention'), [...given, past(cache, 'k', layer), past(cache, 'v', layer), lengths, ...(rotary ? [turnQ.cos, turnQ.sin] : [])], shared);
      return o.reshape(out!, [batch, heads, 1, headDim]);
    },
    fresh: () => {
      const made = [...parts.values()].map((part) => freshOf(part, config));
      const order = [...parts.values()].flatMap((part) => part.places);
      const places = cache.graph.constant(Int32Array.from(order, (_, place) => order.indexOf(place)), [count], 'int32');
      const inOrder = (xs: readonly Value[]): Value => (xs.length === 1 ? xs[0]! : o.gather(o.concat(xs, 1), places, 1));
      return both(inOrder(made.map(([k]) => k)), inOrder(made.map(([, v]) => v)));
    },
  };
}

/** Layers whose new keys and values are got out in the same way: what the kernel was given, and the rotation that it made itself. */
interface Part { packed: boolean; given: Value[][]; places: number[]; turn: { cos: Value; sin: Value } | undefined }

/** New keys and values [B, layers, kvHeads, D]. */
function freshOf({ packed, given, turn }: Part, { heads, kvHeads, headDim }: DecoderConfig): [Value, Value] {
  const [batch, layers] = [given[0]![0]!.shape[0]!, given.length];
  const column = (i: number): Value => o.reshape(o.concat(given.map((g) => g[i]!), 1), [batch, layers, -1, headDim]);
  const all = packed ? column(0) : undefined;
  const keys = all ? o.slice(all, 2, heads, heads + kvHeads) : column(1);
  const values = all ? o.slice(all, 2, heads + kvHeads, heads + 2 * kvHeads) : column(2);
  return [turn === undefined ? keys : o.reshape(o.rope(o.reshape(keys, [batch, layers * kvHeads, 1, headDim]), turn.cos, turn.sin), keys.shape), values];
}
