/** Generation against the training forward: every token's log-probability, for several sequences of different lengths, with and without an adapter. */

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import type { GenerateEvent, GenerateRequest, GenerationSource } from '../../src/main/engine/generate/index.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import { optimize } from '../../src/main/engine/graph/passes/index.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import type { PeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { headLogits } from '../../src/main/engine/models/head.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters, fileParameters, readParameters } from '../../src/main/engine/models/parameters.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { rotarySwitch } from '../../src/main/engine/models/rope.ts';
import { rowContext } from '../../src/main/engine/models/row-context.ts';
import { linearLayers } from '../../src/main/engine/nn/adapted-linear.ts';
import { initLora } from '../../src/main/engine/nn/adapter-init.ts';
import { planLora } from '../../src/main/engine/nn/lora.ts';
import { adapterOf } from '../../src/main/engine/train/current-weights.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { ARCHITECTURES, writeGoldenModel } from '../parity/golden-model.ts';

const PLAIN = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };
const PROMPTS = [[2, 5, 9, 13, 17], [3], [21, 25, 29, 4, 8, 12, 16, 20, 24, 28, 31, 2, 7, 11, 15, 19, 23], [6, 7, 8]];

interface Tiny extends GenerationSource { folder: string }
const made: string[] = [];
function tiny(arch: string): Tiny {
  const folder = writeGoldenModel(arch);
  made.push(folder);
  const source = openModelFolder(folder);
  const model = parseModel(source.config);
  return { folder, model, weights: checkParameters(model, source.tensors) };
}
afterAll(() => { for (const f of made) rmSync(f, { recursive: true, force: true }); });

function randomAdapter(source: GenerationSource): PeftAdapter {
  const plan = planLora(source.model.family.linears(source.model.config), loraAdapter.parse({ r: 3, lora_alpha: 6, target_modules: 'all-linear', init_lora_weights: false }));
  return adapterOf(plan, initLora(plan, 4), '');
}

/** Log-probability of each token after the first `from`, by the training forward over the whole sequence. */
async function forwardLogProbs(source: GenerationSource, ids: number[], from: number): Promise<number[]> {
  // What was drawn before the sequence outgrew its rotary tables was drawn from the shorter sequence.
  const short = rotarySwitch(source.model.config);
  if (short === null || ids.length - 1 <= short || from > short) return wholeLogProbs(source, ids, from);
  return [...await wholeLogProbs(source, ids.slice(0, short), from), ...await wholeLogProbs(source, ids.slice(0, short + 1), short, short), ...await wholeLogProbs(source, ids, short + 1)];
}

/** `length`: read only so many tokens. */
async function wholeLogProbs(source: GenerationSource, ids: number[], from: number, length = ids.length): Promise<number[]> {
  const graph = new Graph();
  const parameter = fileParameters(graph, source.weights);
  const adapter = source.adapter;
  const pairs = new Map(adapter?.pairs.map(p => [p.module, p]));
  const { family, config } = source.model;
  const { linear } = linearLayers({ parameter, adapter: ({ module, inFeatures, outFeatures }) => {
    const p = pairs.get(module);
    return p && { a: graph.constant(p.a, [p.r, inFeatures]), b: graph.constant(p.b, [outFeatures, p.r]), scale: p.scale };
  } });
  const hidden = family.hidden(rowContext(graph, parameter, { batch: 1, length }, linear), config, { ids: graph.input('ids', [1, length], 'int64'), positions: graph.input('positions', [1, length], 'int64') });
  graph.output('logits', headLogits(config, hidden, parameter(family.headWeight(config))));
  const program = await compile(optimize(graph), { threads: 1 });
  const out = (await program.run({ ids: BigInt64Array.from(ids.slice(0, length), BigInt), positions: BigInt64Array.from({ length }, (_, i) => BigInt(i)) }))['logits']!.data as Float32Array;
  await program.dispose();
  const v = config.vocabSize;
  return ids.slice(from).map((id, k) => {
    const row = out.subarray((from + k - 1) * v, (from + k) * v);
    const max = Math.max(...row);
    return row[id]! - max - Math.log(row.reduce((s, x) => s + Math.exp(x - max), 0));
  });
}

async function collect(source: GenerationSource, request: Partial<GenerateRequest>, options = {}): Promise<GenerateEvent[]> {
  const generator = createGenerator(source, { threads: 1, ...options });
  const events: GenerateEvent[] = [];
  try { for await (const e of generator.generate({ prompts: PROMPTS, sampling: PLAIN, maxNewTokens: 12, ...request })) events.push(e); } finally { await generator.dispose(); }
  return events;
}
async function batch(source: GenerationSource, request: Partial<GenerateRequest> = {}, options = {}) {
  const generator = createGenerator(source, { threads: 1, ...options });
  try { return await generator.generateBatch({ prompts: PROMPTS, sampling: PLAIN, maxNewTokens: 12, ...request }); } finally { await generator.dispose(); }
}

/** All whose context holds the prompts and what is generated. */
const ROOMY = Object.keys(ARCHITECTURES).filter(arch => Number(ARCHITECTURES[arch]!['max_position_embeddings'] ?? ARCHITECTURES[arch]!['n_positions']) >= 64);

describe.each(ROOMY)('%s', arch => {
  test.each(['greedy', 'sampled', 'adapter'])('%s tokens have the log-probabilities of the training forward', async kind => {
    const source = tiny(arch);
    const model = kind === 'adapter' ? { ...source, adapter: randomAdapter(source) } : source;
    const results = await batch(model, { sampling: kind === 'greedy' ? PLAIN : { ...PLAIN, temperature: 1.5, seed: 7 } });
    for (const [i, r] of results.entries()) {
      expect(r.tokens.length).toBe(12);
      const expected = await forwardLogProbs(model, [...PROMPTS[i]!, ...r.tokens], PROMPTS[i]!.length);
      r.logprobs.forEach((x, k) => expect(Math.abs(x - expected[k]!), `sequence ${i} token ${k}`).toBeLessThan(1e-4));
    }
  });
});

describe('behaviour', () => {
  let source: Tiny;
  beforeAll(() => { source = tiny('llama'); });

  test('a sequence does not depend on its neighbours or on the batch size', async () => {
    const sampling = { ...PLAIN, temperature: 1.2, top_p: 0.95, seed: 3 };
    const together = await batch(source, { sampling });
    const pairs = await batch(source, { sampling }, { maxBatch: 2 });
    expect(pairs.map(r => r.tokens)).toEqual(together.map(r => r.tokens));
    for (const [i, prompt] of PROMPTS.entries()) expect((await batch(source, { sampling, prompts: [prompt], firstSequence: i }))[0]!.tokens).toEqual(together[i]!.tokens);
  });

  test('the same seed repeats, another differs', async () => {
    const run = (seed: number) => batch(source, { sampling: { ...PLAIN, temperature: 2, seed } });
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    expect(b).toEqual(a);
    expect(c.map(r => r.tokens)).not.toEqual(a.map(r => r.tokens));
  });

  test('ends at a stop token, which is reported, and shrinks the batch on the way', async () => {
    const free = await batch(source, { maxNewTokens: 20 });
    const stop = free[0]!.tokens[3]!;
    const ended = await batch(source, { maxNewTokens: 20, stopIds: [stop] });
    for (const [i, r] of ended.entries()) {
      const at = free[i]!.tokens.indexOf(stop);
      expect(r.tokens).toEqual(at < 0 ? free[i]!.tokens : free[i]!.tokens.slice(0, at + 1));
      expect(r.reason).toBe(at < 0 ? 'length' : 'stop');
    }
  });

  test('grows its cache past one bucket and stops at the model context', async () => {
    const [r] = await batch(source, { prompts: [PROMPTS[0]!], maxNewTokens: 500 });
    expect(r!.reason).toBe('length');
    expect(r!.tokens.length).toBe(64 - 5);
    const expected = await forwardLogProbs(source, [...PROMPTS[0]!, ...r!.tokens], 5);
    expect(Math.abs(r!.logprobs.at(-1)! - expected.at(-1)!)).toBeLessThan(1e-4);
  });

  test('streams in order, with one end per sequence, and can be cancelled', async () => {
    const controller = new AbortController();
    const generator = createGenerator(source, { threads: 1 });
    const seen: GenerateEvent[] = [];
    for await (const e of generator.generate({ prompts: PROMPTS, sampling: PLAIN, maxNewTokens: 50, signal: controller.signal })) {
      seen.push(e);
      if (seen.filter(x => x.type === 'token').length === 10) controller.abort();
    }
    await generator.dispose();
    expect(seen.filter(e => e.type === 'end').map(e => e.reason)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    expect(seen.filter(e => e.type === 'token').length).toBeLessThan(16);
  });

  test('live weights: a changed adapter and full weights in memory show at the next call', async () => {
    const adapter = randomAdapter(source);
    const generator = createGenerator({ ...source, adapter }, { threads: 1 });
    const request = { prompts: PROMPTS, sampling: PLAIN, maxNewTokens: 4 };
    const first = await generator.generateBatch(request);
    for (const p of adapter.pairs) p.b.fill(0);
    const second = await generator.generateBatch(request);
    await generator.dispose();
    const base = await batch(source, { maxNewTokens: 4 });
    expect(first.map(r => r.logprobs)).not.toEqual(second.map(r => r.logprobs));
    second.forEach((r, i) => r.logprobs.forEach((x, k) => expect(x).toBeCloseTo(base[i]!.logprobs[k]!, 5)));

    const specs = source.model.family.parameters(source.model.config);
    const flat = readParameters(specs, source.weights);
    const offsets = new Map<string, [number, number]>();
    let at = 0;
    for (const s of specs) { const n = s.shape.reduce((a, b) => a * b, 1); offsets.set(s.name, [at, at + n]); at += n; }
    const full = await batch({ ...source, tensor: name => flat.subarray(...offsets.get(name)!) }, { maxNewTokens: 4 });
    full.forEach((r, i) => r.logprobs.forEach((x, k) => expect(x).toBeCloseTo(base[i]!.logprobs[k]!, 5)));
  });

  test('more prompts than the batch holds all come back in order', async () => {
    const prompts = Array.from({ length: 11 }, (_, i) => Array.from({ length: 1 + (i * 5) % 9 }, (_x, k) => 2 + ((i + k) % 29)));
    // A common token as stop: sequences end at different times, and free places are filled again.
    const stopIds = [(await batch(source, { prompts: [prompts[0]!], maxNewTokens: 2 }))[0]!.tokens[1]!];
    const all = await batch(source, { prompts, stopIds }, { maxBatch: 4 });
    expect(new Set(all.map(r => r.tokens.length)).size).toBeGreaterThan(1);
    for (const [i, prompt] of prompts.entries()) expect((await batch(source, { prompts: [prompt], stopIds }))[0]!.tokens).toEqual(all[i]!.tokens);
  });

  test('stopWhen ends a sequence', async () => {
    const events = await collect(source, { prompts: [PROMPTS[0]!], stopWhen: (_, tokens) => tokens.length === 2 });
    expect(events.at(-1)).toEqual({ type: 'end', sequence: 0, reason: 'stop', cause: 'stop_string', complete: null, tokens: 2 });
  });

  test('bad prompts are named', async () => {
    await expect(collect(source, { prompts: [[1], []] })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('Prompt 1') });
    await expect(collect(source, { prompts: [[99]] })).rejects.toMatchObject({ message: expect.stringContaining('99') });
    await expect(collect(source, { prompts: [Array.from({ length: 64 }, () => 2)] })).rejects.toMatchObject({ message: expect.stringContaining('64') });
  });
});
