/** Every family in training: gradients against central differences, and the forms of a batch that must not change it. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { TokenTree } from '../../../src/main/engine/train/token-tree.ts';
import { asTree, buildStepGraph, differenceError, evaluate, evaluateCompiled, feedsOf, loadTiny, root, type Evaluated } from '../step-evaluate.ts';
import { tinyModel, tinyRows } from '../tiny-model.ts';
import { VARIANTS } from './variants.ts';

const folders: string[] = [];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

function expectClose(a: Evaluated, b: Evaluated, tolerance = 1e-11): void {
  expect(Math.abs(a.loss - b.loss)).toBeLessThan(tolerance * Math.abs(b.loss));
  const scale = Math.hypot(...b.grads);
  expect(scale).toBeGreaterThan(0);
  expect(Math.hypot(...a.grads.map((x, i) => x - b.grads[i]!)) / scale).toBeLessThan(tolerance);
}

const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

describe.each(Object.entries(VARIANTS))('%s', (_name, config) => {
  const folder = tinyModel(config);
  folders.push(folder);
  const lora = loadTiny(folder, true);
  const rows = tinyRows(4);
  const separate = { rows: 4, length: 16, losses: 64 };
  const feeds = feedsOf(rows.map(asTree), separate, 0.125);
  const whole = evaluate(buildStepGraph(lora.loaded, separate), lora.loaded, lora.values, feeds);

  it.each([['LoRA', true], ['full', false]] as const)('gradient of %s against central differences', (_kind, isLora) => {
    const { loaded, values } = isLora ? lora : loadTiny(folder, false);
    const shape = { rows: 2, length: 16, losses: 32 };
    // Two documents in a row, and padding.
    expect(differenceError(buildStepGraph(loaded, shape), loaded, values, feedsOf([[...asTree({ ids: [3, 4, 5, 6, 7], mask: [0, 1, 1, 1, 1] }), ...asTree({ ids: [9, 8, 7, 6], mask: [0, 1, 1, 1] })], asTree(rows[1]!)], shape, 0.125), 24)).toBeLessThan(1e-6);
  }, 60_000);

  it.each([['LoRA', true], ['full', false]] as const)('onnxruntime takes the same step (%s)', async (_kind, isLora) => {
    const { loaded, values } = isLora ? lora : loadTiny(folder, false);
    // The random adapter is large (B is not zero), which sharpens attention and costs float32 three digits.
    const packed = { rows: 2, length: 32, losses: 64 };
    const batch = feedsOf([rows.slice(0, 2).flatMap(asTree), rows.slice(2).flatMap(asTree)], packed, 0.125);
    expectClose(await evaluateCompiled(loaded, packed, values, batch), evaluate(buildStepGraph(loaded, packed), loaded, values, batch), isLora ? 2e-3 : 2e-5);
  });

  it.each([true, 'attention', 'cheap'] as const)('recomputation (%s) changes nothing', (recompute) => {
    expectClose(evaluate(buildStepGraph(lora.loaded, separate, recompute), lora.loaded, lora.values, feeds), whole);
  });

  it('packed examples equal separate rows', () => {
    const shape = { rows: 1, length: 64, losses: 64 };
    expectClose(evaluate(buildStepGraph(lora.loaded, shape), lora.loaded, lora.values, feedsOf([rows.flatMap(asTree)], shape, 0.125)), whole);
  });

  it('padding changes nothing, whatever stands in it', () => {
    const shape = { rows: 5, length: 32, losses: 80 };
    expectClose(evaluate(buildStepGraph(lora.loaded, shape), lora.loaded, lora.values, feedsOf(rows.map(asTree), shape, 0.125, 17)), whole);
  });

  it('a prompt with branches equals its paths as separate rows', () => {
    const prompt = [3, 4, 5, 6, 7];
    const [a, b, c, d] = [[8, 9, 1], [10, 11, 12, 1], [13, 14, 2], [15, 16, 1]] as [number[], number[], number[], number[]];
    // All paths but the first are 12 tokens long: rope scalings that depend on the length see the same one.
    const first = [...a, 20, 21, 22, 23];
    const tree: TokenTree = [
      root(prompt, [0, 0, 0, 0, 0]), { parent: 0, ids: first, targets: ones(7) }, { parent: 0, ids: b, targets: ones(4) }, { parent: 2, ids: c, targets: ones(3) }, { parent: 2, ids: d, targets: ones(3) },
      root([30, 31, 32], [0, 1, 1]),
    ];
    const path = (context: number[], answer: number[]): TokenTree => [root([...context, ...answer], [...context.map(() => 0), ...ones(answer.length)])];
    const withB: TokenTree = [root([...prompt, ...b, ...c], [...prompt.map(() => 0), ...ones(7)])];
    const paths = [path(prompt, first), withB, path([...prompt, ...b], d), path([30], [31, 32])];
    const one = { rows: 1, length: 32, losses: 32 };
    const many = { rows: 4, length: 16, losses: 32 };
    expectClose(evaluate(buildStepGraph(lora.loaded, one), lora.loaded, lora.values, feedsOf([tree], one, 0.25)), evaluate(buildStepGraph(lora.loaded, many), lora.loaded, lora.values, feedsOf(paths, many, 0.25)));
  });
});
