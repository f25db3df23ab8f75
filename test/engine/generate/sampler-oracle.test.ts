/** The distribution that a token is drawn from equals transformers' for the same logits and settings (made by test/oracle/sampler.py): same tokens left, same probabilities. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { distribution, topLogprobs } from '../../../src/main/engine/generate/index.ts';
import type { SamplerSettings } from '../../../src/main/engine/generate/index.ts';

interface Case { settings: Partial<SamplerSettings>; row: number; probabilities: Record<string, number> }
const oracle = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/oracle/sampler.json'), 'utf8')) as { logits: number[][]; seen: number[][]; cases: Case[] };
const PLAIN: SamplerSettings = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };

describe('distribution', () => {
  test.each(oracle.cases.map((c) => [`row ${c.row} ${JSON.stringify(c.settings)}`, c] as const))('%s', (_, { settings, row, probabilities }) => {
    const weights = distribution(Float32Array.from(oracle.logits[row]!), { ...PLAIN, ...settings }, new Set(oracle.seen[row]));
    const total = weights.reduce((a, b) => a + b, 0);
    const kept = Array.from(weights, (w, id) => [String(id), w / total] as const).filter(([, p]) => p > 0);
    expect(kept.map(([id]) => id)).toEqual(Object.keys(probabilities));
    for (const [id, p] of kept) expect(Math.abs(p / probabilities[id]! - 1), id).toBeLessThan(1e-5);
  });
});

test('the k likeliest, in order, equals by id', () => {
  const row = Float32Array.from({ length: 300 }, (_, i) => Math.round(Math.sin(i * 3.3) * 10) / 4);
  const sorted = Array.from(row, (x, id) => ({ x, id })).toSorted((a, b) => b.x - a.x || a.id - b.id);
  for (const k of [0, 1, 5, 20]) expect(topLogprobs(row, 2, k)).toEqual(sorted.slice(0, k).map(({ x, id }) => ({ id, logprob: x - 2 })));
});
