/**
 * Picks a token from a row of logits. Order and meaning follow transformers: repetition penalty, temperature, top_k, top_p, min_p. Temperature 0 is greedy.
 * Randomness is counted, not streamed: one number per (seed, sequence, token), so a sequence does not depend on what else is in the batch.
 */

import type { Sampling } from '../../../shared/schema/recipe.ts';
import { Random, STREAM } from '../nn/random.ts';

export type SamplerSettings = Pick<Sampling, 'temperature' | 'top_k' | 'top_p' | 'min_p' | 'repetition_penalty' | 'seed'>;

/** True when the choice is the largest logit as it is: no row of logits is needed. */
export const isPlainGreedy = (s: SamplerSettings): boolean => s.temperature === 0 && s.repetition_penalty === 1;

/** `seen` holds every token of prompt and output so far; `allowed` is a bit set of the tokens that may be drawn (a grammar's). Changes `row`. */
export function sampleToken(row: Float32Array, s: SamplerSettings, seen: ReadonlySet<number>, sequence: number, step: number, allowed: Uint32Array | null = null): number {
  if (s.temperature === 0) { penalise(row, s.repetition_penalty, seen, allowed); return largest(row); }
  const weights = distribution(row, s, seen, allowed);
  let total = 0;
  for (const w of weights) total += w;
  let target = new Random(s.seed, STREAM.sample, sequence, step).uniform() * total;
  let last = 0;
  for (let id = 0; id < weights.length; id++) {
    const w = weights[id] as number;
    if (w === 0) continue;
    last = id;
    target -= w;
    if (target < 0) break;
  }
  return last;
}

/** What a token is drawn from: unnormalised probabilities after all processors and filters, zeros where a token is excluded. Changes `row`. */
export function distribution(row: Float32Array, s: SamplerSettings, seen: ReadonlySet<number>, allowed: Uint32Array | null = null): Float64Array {
  penalise(row, s.repetition_penalty, seen, allowed);
  return filtered(row, s);
}

function penalise(row: Float32Array, penalty: number, seen: ReadonlySet<number>, allowed: Uint32Array | null): void {
  if (penalty !== 1) for (const id of seen) { const x = row[id]; if (x !== undefined) row[id] = x > 0 ? x / penalty : x * penalty; }
  if (allowed === null) return;
  for (let id = 0; id < row.length; id++) if ((((allowed[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 0) row[id] = -Infinity;
}

/** The k largest logits as log-probabilities, largest first; equals in the order of their ids. `lse` is the row's log of the sum of exponentials. */
export function topLogprobs(row: Float32Array, lse: number, k: number): { id: number; logprob: number }[] {
  if (k === 0) return [];
  const best: number[] = [];
  for (let id = 0; id < row.length; id++) {
    const x = row[id] as number;
    if (best.length === k && x <= (row[best[k - 1] as number] as number)) continue;
    let at = best.length === k ? k - 1 : best.length;
    while (at > 0 && (row[best[at - 1] as number] as number) < x) { best[at] = best[at - 1] as number; at--; }
    best[at] = id;
  }
  return best.map((id) => ({ id, logprob: (row[id] as number) - lse }));
}

/** Unnormalised probabilities with zeros where a filter excludes the token; the most likely token always stays. Among equals the lower id stays. */
function filtered(row: Float32Array, { temperature, top_k: topK, top_p: topP, min_p: minP }: SamplerSettings): Float64Array {
  const max = row[largest(row)] as number;
  const weights = new Float64Array(row.length);
  let total = 0;
  for (let id = 0; id < row.length; id++) total += weights[id] = Math.exp(((row[id] as number) - max) / temperature);
  if (topK > 0 || topP < 1) {
    // Tokens this rare are outside every nucleus; leaving them out makes the sort short.
    const sorted = topK > 0 && topK < row.length ? largestOf(weights, topK) : above(weights, ((1 - topP) * total) / row.length);
    const top = (k: number): number => sorted[sorted.length - 1 - k] as number;
    let count = sorted.length;
    if (topP < 1) {
      const mass = topK > 0 && topK < row.length ? sorted.reduce((a, b) => a + b, 0) : total;
      let sum = 0;
      let k = 0;
      while (k < count && sum < topP * mass) sum += top(k++);
      count = Math.max(1, k);
    }
    const least = top(count - 1);
    let equals = 0;
    for (let k = count - 1; k >= 0 && top(k) === least; k--) equals++;
    for (let id = 0; id < weights.length; id++) {
      const w = weights[id] as number;
      if (w < least || (w === least && equals-- <= 0)) weights[id] = 0;
    }
  }
  if (minP > 0) for (let id = 0; id < weights.length; id++) if ((weights[id] as number) < minP) weights[id] = 0;
  return weights;
}

/** The values above a limit, ascending; all of them when none is. */
function above(weights: Float64Array, limit: number): Float64Array {
  const found = new Float64Array(weights.length);
  let n = 0;
  for (const w of weights) if (w > limit) found[n++] = w;
  return n === 0 ? weights.slice().sort() : found.subarray(0, n).sort();
}

/** The k largest values, ascending: a heap with the smallest on top, so most tokens cost one comparison. */
function largestOf(weights: Float64Array, k: number): Float64Array {
  const heap = weights.slice(0, k).sort();
  for (let id = k; id < weights.length; id++) {
    const w = weights[id] as number;
    if (w <= (heap[0] as number)) continue;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= k) break;
      if (child + 1 < k && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= w) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = w;
  }
  return heap.sort();
}

export function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}
