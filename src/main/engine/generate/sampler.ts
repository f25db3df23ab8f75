/**
 * Picks a token from a row of logits. Order and meaning follow transformers: repetition penalty, temperature, top_k, top_p, min_p. Temperature 0 is greedy.
 * Randomness is counted, not streamed: one number per (seed, sequence, token), so a sequence does not depend on what else is in the batch.
 */

import type { Sampling } from '../../../shared/schema/recipe.ts';
import { Random, STREAM } from '../nn/random.ts';

export type SamplerSettings = Pick<Sampling, 'temperature' | 'top_k' | 'top_p' | 'min_p' | 'repetition_penalty' | 'seed'>;

/** True when the choice is the largest logit as it is: no row of logits is needed. */
export const isPlainGreedy = (s: SamplerSettings): boolean => s.temperature === 0 && s.repetition_penalty === 1;

/** `seen` holds every token of prompt and output so far. Changes `row`. */
export function sampleToken(row: Float32Array, s: SamplerSettings, seen: ReadonlySet<number>, sequence: number, step: number): number {
  if (s.repetition_penalty !== 1) for (const id of seen) { const x = row[id]; if (x !== undefined) row[id] = x > 0 ? x / s.repetition_penalty : x * s.repetition_penalty; }
  if (s.temperature === 0) return largest(row);
  const weights = filtered(row, s);
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

/** Unnormalised probabilities with zeros where a filter excludes the token; the most likely token always stays. Among equals the lower id stays. */
function filtered(row: Float32Array, { temperature, top_k: topK, top_p: topP, min_p: minP }: SamplerSettings): Float64Array {
  const max = row[largest(row)] as number;
  const weights = new Float64Array(row.length);
  let total = 0;
  for (let id = 0; id < row.length; id++) total += weights[id] = Math.exp(((row[id] as number) - max) / temperature);
  if (topK > 0 || topP < 1) {
    // Tokens this rare are outside every nucleus; leaving them out makes the sort short.
    const rare = topK > 0 ? 0 : ((1 - topP) * total) / row.length;
    const common = new Float64Array(row.length);
    let n = 0;
    for (const w of weights) if (w > rare) common[n++] = w;
    const sorted = common.subarray(0, n).sort();
    const top = (k: number): number => sorted[sorted.length - 1 - k] as number;
    let count = topK > 0 ? Math.min(topK, sorted.length) : sorted.length;
    if (topP < 1) {
      let mass = topK > 0 ? 0 : total;
      if (topK > 0) for (let k = 0; k < count; k++) mass += top(k);
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

export function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}
