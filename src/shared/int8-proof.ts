/** Where int8 compute was measured to learn as fp32 does: read from int8-proof.json, which bench/int8-summary.ts writes from bench/results/int8.jsonl. */
import { z } from 'zod';
import recorded from './int8-proof.json' with { type: 'json' };

/** `excess`: the largest relative distance, over the seeds, of the int8 run's held-out loss from the fp32 run's, both scored in fp32. `speedup`: time of a step in fp32 over that in int8, the median of paired steps in one process, at the row length where it is least. */
export const int8Proof = z.object({ model: z.string(), parameters: z.number(), method: z.string(), steps: z.number(), seeds: z.number(), excess: z.number(), speedup: z.number().optional(), date: z.string() });
export type Int8Proof = z.infer<typeof int8Proof>;

export const INT8_PROOFS: readonly Int8Proof[] = z.array(int8Proof).parse(recorded);
/** What counts as learning alike, and how far from a measured size a model may be. */
export const INT8_LIMIT = 0.01;
/** How much faster a step must be for `auto` to take it. */
export const INT8_FASTER = 1.1;
const SEEDS = 3, SPAN = 2;

/** Measurements of this method on models of about this size. */
export function proofsFor(method: string, parameters: number, proofs = INT8_PROOFS): Int8Proof[] {
  return proofs.filter((p) => p.method === method && parameters <= p.parameters * SPAN && parameters >= p.parameters / SPAN);
}

/** All of them within the limit, and at least one with enough seeds. */
export function isProven(method: string, parameters: number, proofs = INT8_PROOFS): boolean {
  const own = proofsFor(method, parameters, proofs);
  return own.some((p) => p.seeds >= SEEDS) && own.every((p) => p.excess <= INT8_LIMIT);
}

/** Measured somewhere, and fast enough wherever it was. */
export function isFaster(method: string, parameters: number, proofs = INT8_PROOFS): boolean {
  const measured = proofsFor(method, parameters, proofs).flatMap((p) => p.speedup ?? []);
  return measured.length > 0 && measured.every((s) => s >= INT8_FASTER);
}
