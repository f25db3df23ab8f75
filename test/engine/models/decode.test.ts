/** Every family in generation: the programs' logits against the training forward, prompts of different lengths together, read in one go and token by token, in all forms of the decode program. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeGraph, prefillGraph, type DecodeForm } from '../../../src/main/engine/generate/decode-graph.ts';
import { KvCache, cacheShape, stateNames } from '../../../src/main/engine/generate/kv-cache.ts';
import type { GenerationSource } from '../../../src/main/engine/generate/index.ts';
import { interpret } from '../../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../../src/main/engine/graph/node.ts';
import { forDecoding, optimize } from '../../../src/main/engine/graph/passes/index.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { headLogits } from '../../../src/main/engine/models/head.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters, fileParameters } from '../../../src/main/engine/models/parameters.ts';
import { rotarySwitch } from '../../../src/main/engine/models/rope.ts';
import { plainLinear } from '../../../src/main/engine/models/row-context.ts';
import { compile } from '../../../src/main/engine/runtime/session.ts';
import { collate } from '../../../src/main/engine/train/batch.ts';
import { treeContext } from '../../../src/main/engine/train/tree-context.ts';
import { tinyModel } from '../tiny-model.ts';
import { VARIANTS } from './variants.ts';

const TEXTS = [[2, 5, 9, 13, 17, 21, 25, 29, 4, 8, 12, 16, 20, 24], [3, 30], [6, 7, 8, 9, 10, 11, 12]];
const SLOTS = 24;
/** Tokens that are read after the prompts. */
const MORE = [19, 33, 2, 14];

const folders: string[] = [];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

/** Logits of the last token of `ids`, by the forward pass of training in float64. */
function trained({ model, weights }: GenerationSource, ids: readonly number[]): Float64Array {
  const graph = new Graph({ real: 'float64' });
  const parameter = fileParameters(graph, weights);
  const shape = { rows: 1, length: ids.length, losses: 1 };
  const { ctx, ...tokens } = treeContext(graph, shape, { parameter, linear: plainLinear(parameter) });
  const { family, config } = model;
  graph.output('logits', headLogits(config, family.hidden(ctx, config, tokens), parameter(family.headWeight(config))));
  return interpret(optimize(graph), { ...collate([{ tree: [{ parent: -1, ids, targets: [] }], columns: [] }], shape, { token: 1, share: 1 }).feeds })['logits']!.data.slice(-config.vocabSize);
}

/** Heads of 16, which the grouped kernel can turn. */
function wide(json: Record<string, unknown>): Record<string, unknown> {
  if (json['model_type'] === 'gpt2') return { ...json, n_embd: 64 };
  const rope = json['rope_parameters'] as { short_factor?: number[]; long_factor?: number[] } | undefined;
  const eight = ([a, b]: number[]): number[] => Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? a! : b!));
  return {
    ...json, hidden_size: 64, ...(json['head_dim'] === undefined ? {} : { head_dim: 16 }),
    ...(rope?.short_factor && rope.long_factor ? { rope_parameters: { ...rope, short_factor: eight(rope.short_factor), long_factor: eight(rope.long_factor) } } : {}),
  };
}
const CASES = Object.entries(VARIANTS).flatMap(([name, json]): [string, DecodeForm, Record<string, unknown>][] => [
  [name, 'apart', json], [name, 'grouped', json], [`${name}, wide heads`, 'grouped', wide(json)], [`${name}, wide heads`, 'packed', wide(json)],
]);
/** The program as it runs: after the last pass. */
const decodeProgram = (source: GenerationSource, batch: number, form: DecodeForm): ReturnType<typeof compile> => compile(forDecoding(decodeGraph(source, batch, SLOTS, form)), { threads: 1 });

describe.each(CASES)('%s, %s', (_name, form, json) => {
  const folder = tinyModel(json);
  folders.push(folder);
  const opened = openModelFolder(folder);
  const model = parseModel(opened.config);
  const source: GenerationSource = { model, weights: checkParameters(model, opened.tensors) };
  const shape = cacheShape(model.config);
  const V = model.config.vocabSize;
  const { maxPositions, rope: { scaling } } = model.config;
  // Generation reads a sequence again when it outgrows these tables, and never goes past the context, where dynamic scaling changes at every token: a cache need not be right across.
  const limit = rotarySwitch(model.config) ?? (scaling.type === 'dynamic' ? maxPositions : Infinity);
  const beyond = (length: number): boolean => length > limit && scaling.type === 'longrope';
  const worst = (logits: Float32Array, row: number, ids: readonly number[]): number => {
    const expected = trained(source, ids);
    return Math.max(...expected.map((x, i) => Math.abs(x - logits[row * V + i]!)));
  };

  it('reads prompts in one go and goes on from their state', async () => {
    const length = 16;
    const prefill = await compile(prefillGraph(source, TEXTS.length, length), { threads: 1 });
    const decode = await decodeProgram(source, TEXTS.length, form);
    const ids = new Int32Array(TEXTS.length * length).fill(39);
    TEXTS.forEach((text, b) => ids.set(text, b * length));
    const out = await prefill.run({ ids, positions: Int32Array.from(ids, (_, i) => i % length), last: Int32Array.from(TEXTS, (t, b) => b * length + t.length - 1) });
    TEXTS.forEach((text, b) => expect(worst(out['logits']!.data as Float32Array, b, text)).toBeLessThan(1e-4));
    const cache = new KvCache(shape, TEXTS.length, SLOTS);
    const arrays = Object.fromEntries(stateNames(shape).map((name) => [name, out[name]!.data as Float32Array]));
    TEXTS.forEach((text, b) => cache.load(b, { arrays, stride: length }, b, text.length));
    const texts = TEXTS.map((t) => [...t]);
    for (const token of MORE) {
      const step = await decode.run({ ...cache.feeds(), ids: new Int32Array(TEXTS.length).fill(token), positions: cache.lengths });
      cache.append({ fresh: step['fresh']?.data as Float32Array, fresh_conv: step['fresh_conv']?.data as Float32Array }, [0, 1, 2]);
      texts.forEach((text, b) => {
        text.push(token);
        if (text.length <= limit || beyond(TEXTS[b]!.length)) expect(worst(step['logits']!.data as Float32Array, b, text)).toBeLessThan(1e-4);
      });
    }
    await prefill.dispose();
    await decode.dispose();
  });

  it('reads token by token from nothing, rows joining and leaving', async () => {
    const decode = await decodeProgram(source, 2, form);
    let cache = new KvCache(shape, 2, SLOTS);
    const long = [...TEXTS[0]!, ...MORE].slice(0, Math.min(18, limit));
    const late = TEXTS[2]!;
    const start = 5;
    for (let i = 0; i < long.length; i++) {
      // The second row stands still until the first has read five tokens; its leavings must not count.
      const joined = i >= start && i - start < late.length;
      const step = await decode.run({ ...cache.feeds(), ids: Int32Array.of(long[i]!, joined ? late[i - start]! : 39), positions: cache.lengths });
      cache.append({ fresh: step['fresh']?.data as Float32Array, fresh_conv: step['fresh_conv']?.data as Float32Array }, joined ? [0, 1] : [0]);
      const logits = step['logits']!.data as Float32Array;
      if (i % 3 === 0 || i === long.length - 1) expect(worst(logits, 0, long.slice(0, i + 1))).toBeLessThan(1e-4);
      if (joined) expect(worst(logits, 1, late.slice(0, i - start + 1))).toBeLessThan(1e-4);
      // Caches are rebuilt in another order while sequences run.
      if (i === 7) cache = cache.resized([0, 1], 2, SLOTS);
    }
    await decode.dispose();
  });
});
