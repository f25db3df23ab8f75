/**
 * Scaled dot-product attention with grouped queries. Keys and values are never repeated: the g query heads of one key head are stacked as rows,
 * [B*nkv, parts, g*T/parts, D]. Queries run in chunks; with a causal mask a chunk reads only the keys up to its own end, so blocks above the diagonal cost nothing.
 * Scores may be capped, and the causal mask may have a window. Its own gradient: D = rowsum(dO * O), dS = P * (dO V^T - D) (as in FlashAttention, Dao et al., 2022), saving P, O, q, k and v.
 */

import { dims, shapeError } from '../dtype.ts';
import * as o from '../ops/index.ts';
import type { Graph, Value } from '../node.ts';

export interface AttentionInputs {
  /** [B, heads, T, D] */
  q: Value;
  /** [B, kvHeads, S, D], heads a multiple of kvHeads */
  k: Value;
  v: Value;
  /** Added to the scores, broadcast against [B, heads, T, S]; rank 2 ([T, S]) or 4. Use a large negative number, not -Infinity, for forbidden slots. */
  mask?: Value;
  /** No slot may see a later one, so blocks above the diagonal are skipped. Needs T = S. Without `mask` the causal mask itself is made here. */
  causal?: boolean;
  /** Default 1 / sqrt(D). */
  scale?: number;
  /** With `causal` and without `mask`: a query sees only this many keys, its own included. */
  window?: number | null;
  /** Scores become cap * tanh(score / cap) before the mask (Gemma 2). */
  softcap?: number | null;
  /** Query rows at a time; default 128. */
  chunk?: number;
}

export const MASKED = -1e9;

interface Chunk { start: number; end: number; keys: number; q: Value; p: Value; /** Of the scores, where they are capped. */ tanh?: Value; out: Value }

/** Returns [B, heads, T, D]. */
export function attention({ q, k, v, mask, causal = false, scale, window = null, softcap = null, chunk = 128 }: AttentionInputs): Value {
  const g = q.graph;
  const [b, heads, t, d] = q.shape as [number, number, number, number];
  const [, kvHeads, s] = k.shape as [number, number, number, number];
  const group = heads / kvHeads;
  if (!Number.isInteger(group)) throw shapeError(`attention: ${heads} query heads cannot share ${kvHeads} key heads.`);
  if (causal && t !== s) throw shapeError(`attention: a causal mask needs as many queries as keys, got ${t} and ${s}.`);
  if (mask && mask.shape.length !== 2 && mask.shape.length !== 4) throw shapeError(`attention: the mask must have rank 2 or 4, got ${dims(mask.shape)}.`);
  if (window !== null && (mask || !causal)) throw shapeError('attention: a window belongs into the mask unless the causal mask is made here.');
  // Capped scores leave the product divided by the cap.
  const alpha = (scale ?? 1 / Math.sqrt(d)) / (softcap ?? 1);
  const n = b * kvHeads;
  const [k4, v4] = [k, v].map((x) => o.reshape(x, [n, 1, s, d])) as [Value, Value];
  const stacked = (x: Value, rows: number, width: number): Value => {
    const parts = evenParts(n, group * rows);
    return o.reshape(x, [n, parts, (group * rows) / parts, width]);
  };
  const split = (x: Value, rows: number, width: number): Value => o.reshape(x, [b, heads, rows, width]);

  const chunks: Chunk[] = [];
  for (let start = 0; start < t; start += chunk) {
    const end = Math.min(t, start + chunk);
    const rows = end - start;
    const keys = causal ? end : s;
    const qc = stacked(o.slice(q, 2, start, end), rows, d);
    const product = split(o.matmul(qc, o.slice(k4, 2, 0, keys), { transB: true, alpha }), rows, keys);
    const tanh = softcap === null ? undefined : o.tanh(product);
    const scores = tanh === undefined ? product : o.mul(tanh, softcap!);
    const maskPart = maskFor(g, mask, causal, window, start, end, keys);
    const p = stacked(o.softmax(maskPart ? o.add(scores, maskPart) : scores), rows, keys);
    chunks.push({ start, end, keys, q: qc, p, tanh, out: o.matmul(p, o.slice(v4, 2, 0, keys)) });
  }
  const out = o.concat(chunks.map(c => split(c.out, c.end - c.start, d)), 2);

  return o.customGrad([out], [q, k, v], ([dy], [needQ, needK, needV]) => {
    if (!dy) return [null, null, null];
    const dq: Value[] = [];
    const dk = new KeyBlocks();
    const dv = new KeyBlocks();
    for (const c of chunks.toReversed()) {
      const rows = c.end - c.start;
      const dOut = stacked(o.slice(dy, 2, c.start, c.end), rows, d);
      if (needV) dv.add(overQueries(c.p, dOut), c.keys);
      if (!needQ && !needK) continue;
      const delta = o.reduceSum(o.mul(dOut, c.out), [-1], true);
      const dScores = o.mul(c.p, o.sub(o.matmul(dOut, o.slice(v4, 2, 0, c.keys), { transB: true }), delta));
      const ds = c.tanh === undefined ? dScores : o.mul(dScores, stacked(o.mul(o.sub(1, o.mul(c.tanh, c.tanh)), softcap!), rows, c.keys));
      if (needQ) dq.unshift(split(o.matmul(ds, o.slice(k4, 2, 0, c.keys), { alpha }), rows, d));
      if (needK) dk.add(overQueries(ds, c.q, alpha), c.keys);
    }
    return [needQ ? o.concat(dq, 2) : null, needK ? o.reshape(dk.joined(), k.shape) : null, needV ? o.reshape(dv.joined(), v.shape) : null];
  })[0] as Value;
}

/** Into how many products the stacked rows of one key head go. onnxruntime gives a batch's products to threads whole, so 3 of them leave one of two threads idle for a third of the time. */
function evenParts(products: number, rows: number): number {
  return [1, 2, 4].find((parts) => (products * parts) % 4 === 0 && rows % parts === 0 && rows / parts >= 64) ?? 1;
}

/** Sums x^T y over all query rows: [n, parts, rows, keys], [n, parts, rows, d] -> [n, keys, d]. */
function overQueries(x: Value, y: Value, alpha = 1): Value {
  return o.reduceSum(o.matmul(x, y, { transA: true, alpha }), [1]);
}

function maskFor(g: Graph, mask: Value | undefined, causal: boolean, window: number | null, start: number, end: number, keys: number): Value | undefined {
  if (mask) {
    const [rowAxis, keyAxis] = mask.shape.length === 2 ? [0, 1] : [2, 3];
    const rows = mask.shape[rowAxis] === 1 ? mask : o.slice(mask, rowAxis, start, end);
    return mask.shape[keyAxis] === 1 ? rows : o.slice(rows, keyAxis, 0, keys);
  }
  return causal ? causalMask(g, start, end, keys, window ?? keys) : undefined;
}

/** Layers share their masks: one constant per graph and chunk. */
const causalMasks = new WeakMap<Graph, Map<string, Value>>();
function causalMask(g: Graph, start: number, end: number, keys: number, window: number): Value {
  const known = causalMasks.get(g) ?? new Map<string, Value>();
  causalMasks.set(g, known);
  const key = `${start},${end},${keys},${Math.min(window, keys)}`;
  const hidden = (query: number, slot: number): boolean => slot > query || query - slot >= window;
  const made = known.get(key) ?? g.constant(Array.from({ length: (end - start) * keys }, (_, i) => (hidden(start + Math.floor(i / keys), i % keys) ? MASKED : 0)), [end - start, keys]);
  known.set(key, made);
  return made;
}

/** Sums gradients of key prefixes of growing length block by block, so that nothing is padded to full length. */
class KeyBlocks {
  readonly #blocks: Value[] = [];

  /** `part` [n, keys, d] covers the keys 0 to `keys`. */
  add(part: Value, keys: number): void {
    // All chunks read all keys (no causal skip): one block. Otherwise prefixes end at multiples of the chunk.
    if (this.#blocks.length === 1 && this.#blocks[0]?.shape[1] === keys) { this.#blocks[0] = o.add(this.#blocks[0], part); return; }
    if (this.#blocks.length === 0) { this.#blocks.push(part); return; }
    const first = this.#blocks[0] as Value;
    const head = o.add(o.slice(first, 1, 0, keys), part);
    this.#blocks.splice(0, 1, head, o.slice(first, 1, keys, first.shape[1] as number));
  }
  joined(): Value { return o.concat(this.#blocks, 1); }
}
