/** The gradient of a whole tiny model, LoRA and full, in float64 against central differences; and the step graph's invariances: recomputation, accumulation, packing, token trees. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { dropoutFeeds } from '../../src/main/engine/train/dropout.ts';
import type { TokenTree } from '../../src/main/engine/train/token-tree.ts';
import { asTree, buildStepGraph, differenceError, evaluate, feedsOf, loadTiny, root, type Evaluated } from './step-evaluate.ts';
import { TINY, tinyModel, tinyRows } from './tiny-model.ts';

const llama = tinyModel();
const qwen = tinyModel({ ...TINY, model_type: 'qwen2', tie_word_embeddings: false });
afterAll(() => { for (const f of [llama, qwen]) rmSync(f, { recursive: true, force: true }); });

function expectClose(a: Evaluated, b: Evaluated, tolerance = 1e-12): void {
  expect(Math.abs(a.loss - b.loss)).toBeLessThan(tolerance * Math.abs(b.loss));
  const scale = Math.hypot(...b.grads);
  expect(scale).toBeGreaterThan(0);
  expect(Math.hypot(...a.grads.map((x, i) => x - b.grads[i]!)) / scale).toBeLessThan(tolerance);
}

describe('gradient in float64 against central differences', () => {
  it.each([['llama LoRA', llama, true, 0], ['qwen2 LoRA', qwen, true, 0], ['llama LoRA with dropout', llama, true, 0.3], ['llama full (tied)', llama, false, 0], ['qwen2 full', qwen, false, 0]] as const)('%s', (_name, folder, lora, dropout) => {
    const { loaded, values } = loadTiny(folder, lora, dropout);
    const shape = { rows: 2, length: 16, losses: 32 };
    const rows = tinyRows(3);
    // Weights in float64: float32 rounding of 1/N would be the same on both sides, but powers of two keep even that away.
    const feeds = { ...feedsOf([[...asTree(rows[0]!)], [...asTree(rows[1]!)]], shape, 0.125), ...dropoutFeeds(loaded.trainables, shape, {}, [7, 1, 0]) };
    expect(differenceError(buildStepGraph(loaded, shape), loaded, values, feeds)).toBeLessThan(1e-6);
  }, 60_000);
});

describe('the same step in other forms', () => {
  const { loaded, values } = loadTiny(llama, true);
  const rows = tinyRows(4);
  const separate = { rows: 4, length: 16, losses: 64 };
  const whole = evaluate(buildStepGraph(loaded, separate), loaded, values, feedsOf(rows.map(asTree), separate, 0.125));

  it.each([true, 'attention', 'cheap'] as const)('recomputation (%s) changes nothing', (recompute) => {
    expectClose(evaluate(buildStepGraph(loaded, separate, recompute), loaded, values, feedsOf(rows.map(asTree), separate, 0.125)), whole);
  });

  it('accumulating micro-batches equals one batch', () => {
    const shape = { rows: 1, length: 16, losses: 16 };
    const graph = buildStepGraph(loaded, shape);
    const parts = rows.map((row) => evaluate(graph, loaded, values, feedsOf([asTree(row)], shape, 0.125)));
    expectClose({ loss: parts.reduce((s, p) => s + p.loss, 0), grads: whole.grads.map((_, i) => parts.reduce((s, p) => s + p.grads[i]!, 0)) }, whole);
  });

  it('packed examples equal separate rows', () => {
    const shape = { rows: 1, length: 64, losses: 64 };
    expectClose(evaluate(buildStepGraph(loaded, shape), loaded, values, feedsOf([rows.flatMap(asTree)], shape, 0.125)), whole);
  });

  it('longer padding changes nothing', () => {
    const shape = { rows: 5, length: 32, losses: 80 };
    expectClose(evaluate(buildStepGraph(loaded, shape), loaded, values, feedsOf(rows.map(asTree), shape, 0.125)), whole);
  });

  it('a prompt with children, one of them with children again, equals its paths as separate rows', () => {
    const prompt = [3, 4, 5, 6, 7];
    const [a, b, c, d] = [[8, 9, 1], [10, 11, 12, 1], [13, 14], [15, 16, 1]];
    const ones = (n: number): number[] => Array.from({ length: n }, () => 1);
    const tree: TokenTree = [
      { parent: -1, ids: prompt, targets: [0, 0, 0, 0, 0] }, { parent: 0, ids: a!, targets: ones(3) }, { parent: 0, ids: b!, targets: ones(4) },
      { parent: 2, ids: c!, targets: ones(2) }, { parent: 2, ids: d!, targets: ones(3) },
    ];
    const path = (context: number[], answer: number[]): TokenTree => [root([...context, ...answer], [...context.map(() => 0), ...ones(answer.length)])];
    const paths = [path(prompt, a!), path(prompt, b!), path([...prompt, ...b!], c!), path([...prompt, ...b!], d!)];
    const one = { rows: 1, length: 32, losses: 16 };
    const many = { rows: 4, length: 16, losses: 16 };
    expectClose(evaluate(buildStepGraph(loaded, one), loaded, values, feedsOf([tree], one, 0.25)), evaluate(buildStepGraph(loaded, many), loaded, values, feedsOf(paths, many, 0.25)));
  });
});
