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
  const kept = candidates(row, s);
  let total = 0;
  for (const c of kept) total += c.weight;
  let target = new Random(s.seed, STREAM.sample, sequence, step).uniform() * total;
  for (const c of kept) { target -= c.weight; if (target < 0) return c.id; }
  return (kept.at(-1) as Candidate).id;
}

interface Candidate { id: number; weight: number }

/** Tokens that survive the filters, most likely first, with unnormalised probabilities. At least one survives. */
function candidates(row: Float32Array, { temperature, top_k: topK, top_p: topP, min_p: minP }: SamplerSettings): Candidate[] {
  const max = row[largest(row)] as number;
  const all: Candidate[] = [];
  for (let id = 0; id < row.length; id++) {
    const weight = Math.exp(((row[id] as number) - max) / temperature);
    // Anything below the smallest step of a uniform number can never be drawn.
    if (weight > 1e-17) all.push({ id, weight });
  }
  all.sort((a, b) => b.weight - a.weight || a.id - b.id);
  let kept = topK > 0 ? all.slice(0, topK) : all;
  if (topP < 1) {
    const limit = topP * kept.reduce((s, c) => s + c.weight, 0);
    let sum = 0;
    let count = 0;
    while (count < kept.length && sum < limit) sum += (kept[count++] as Candidate).weight;
    kept = kept.slice(0, Math.max(1, count));
  }
  const floor = minP * (kept[0] as Candidate).weight;
  return minP > 0 ? kept.filter(c => c.weight >= floor) : kept;
}

export function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}
