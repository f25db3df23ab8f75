/** Everything an adapter may be: gradients in float64, starts that change nothing, decoding as training computes, PEFT's files there and back, 4-bit bases, freezing, and what is refused. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sftTrain, type SftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter, type LoraAdapter } from '../../src/shared/schema/recipe.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { optimize } from '../../src/main/engine/graph/passes/index.ts';
import { readPeftAdapter, writePeftAdapter, type PeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { readSafetensorsHeader } from '../../src/main/engine/io/safetensors-header.ts';
import { writeSafetensors } from '../../src/main/engine/io/safetensors-write.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { engineMethod } from '../../src/main/engine/methods/index.ts';
import { mergeAdapter, mergedNames } from '../../src/main/engine/nn/merge-adapter.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { collate } from '../../src/main/engine/train/batch.ts';
import { adapterOf } from '../../src/main/engine/train/current-weights.ts';
import { dropoutFeeds } from '../../src/main/engine/train/dropout.ts';
import { fillFourBit } from '../../src/main/engine/train/four-bit-base.ts';
import { trainRun, type TrainEvent, type TrainOptions, type TrainOutcome } from '../../src/main/engine/train/index.ts';
import { baseReader, fileReader, initialValues, loadModel, type LoadedModel } from '../../src/main/engine/train/load.ts';
import { noiseFeeds } from '../../src/main/engine/train/neftune.ts';
import { buildStep } from '../../src/main/engine/train/step-graph.ts';
import { trainableFeeds } from '../../src/main/engine/train/trainables.ts';
import { TINY, tinyModel, tinyRows } from './tiny-model.ts';

const llama = tinyModel();
const qwen = tinyModel({ ...TINY, model_type: 'qwen2', tie_word_embeddings: false });
const gpt2 = tinyModel({ model_type: 'gpt2', vocab_size: 40, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 64, n_ctx: 64, initializer_range: 0.2, eos_token_id: 1, bos_token_id: 1 });
const folders = [llama, qwen, gpt2];
const fresh = (): string => { const f = mkdtempSync(join(tmpdir(), 'adapters-')); folders.push(f); return f; };
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

const CASES: [string, string, Partial<LoraAdapter>, Partial<SftTrain>][] = [
  ['DoRA', llama, { use_dora: true, init_lora_weights: false }, {}],
  ['DoRA with dropout and biases', qwen, { use_dora: true, init_lora_weights: false, lora_dropout: 0.3, bias: 'lora_only' }, {}],
  ['DoRA on gpt2, all biases', gpt2, { use_dora: true, init_lora_weights: false, bias: 'all' }, {}],
  ['patterns and rsLoRA', llama, { init_lora_weights: false, use_rslora: true, rank_pattern: { q_proj: 3, 'layers\\.1\\.mlp\\..*': 1 }, alpha_pattern: { v_proj: 7 } }, {}],
  ['saved modules', qwen, { init_lora_weights: false, modules_to_save: ['lm_head', 'embed_tokens', 'norm'] }, {}],
  ['a head of its own in a tied model', llama, { init_lora_weights: false, modules_to_save: ['lm_head'] }, {}],
  ['PiSSA with dropout', llama, { init_lora_weights: 'pissa', lora_dropout: 0.2 }, {}],
  ['DoRA from OLoRA', qwen, { init_lora_weights: 'olora', use_dora: true }, {}],
  ['a 4-bit base', llama, { init_lora_weights: false, load_in_4bit: true }, {}],
  ['DoRA on a 4-bit base with noise', gpt2, { init_lora_weights: false, load_in_4bit: true, use_dora: true }, { neftune_noise_alpha: 5 }],
];

const adapterFor = (more: Partial<LoraAdapter>): LoraAdapter => loraAdapter.parse({ r: 2, lora_alpha: 4, ...more });
function load(folder: string, adapter: LoraAdapter | null, config = sftTrain.parse({})): { loaded: LoadedModel; values: Float32Array } {
  const loaded = loadModel({ modelFolder: folder, start: null, adapter, config });
  if (loaded.fourBit) fillFourBit(loaded.fourBit, loaded.model, fileReader(loaded));
  return { loaded, values: initialValues(loaded, { start: null, config }) };
}
/** Away from the start, where parts of a gradient vanish. */
function shaken(values: Float32Array): Float32Array {
  const random = new Random(17);
  return values.map((x) => x + 0.05 * random.normal());
}

describe('gradient in float64 against central differences', () => {
  it.each(CASES)('%s', (_name, folder, more, train) => {
    const config = sftTrain.parse(train);
    const { loaded, values: start } = load(folder, adapterFor(more), config);
    const values = Float64Array.from(shaken(start));
    const shape = { rows: 2, length: 16, losses: 32 };
    const trees = tinyRows(2).map((row) => ({ tree: [{ parent: -1, ids: row.ids, targets: row.mask }], columns: [] }));
    const feeds = { ...collate(trees, shape, { token: 0.125, share: 1 }).feeds, ...dropoutFeeds(loaded.trainables, shape, config, [7, 1, 0]), ...noiseFeeds(config.neftune_noise_alpha, shape, 16, 12, [3, 1, 0]) };
    const graph = optimize(buildStep({ ...loaded, method: engineMethod('sft'), config, shape, kind: 'train', real: 'float64' }));
    const { groups } = loaded.trainables;
    const run = (): ReturnType<typeof interpret> => interpret(graph, { ...feeds, ...Object.fromEntries(groups.map((g) => [`trainable:${g.name}`, values.subarray(g.offset, g.offset + g.length)])) });
    const first = run();
    const grads = new Float64Array(values.length);
    for (const g of groups) grads.set(first[`gradient:${g.name}`]!.data, g.offset);
    // DoRA takes the length of a row as constant: when an entry moves, the magnitude moves along so that their ratio stays.
    const lengths = doraLengths(loaded, values);
    const dora = loaded.trainables.lora!.slots.filter((s) => s.magnitude !== undefined);
    const typical = Math.hypot(...grads) / Math.sqrt(grads.length);
    expect(typical).toBeGreaterThan(0);
    const random = new Random(11);
    let worst = 0;
    const { ranges } = loaded.trainables;
    for (const chosen of random.permutation(ranges.length).slice(0, 16)) {
      const range = ranges[chosen]!;
      const i = range.offset + random.below(range.length);
      const kept = values[i]!;
      const of = dora.find((s) => [s.a, s.b].some((x) => x.name === range.name));
      const magnitudes = of && values.slice(of.magnitude!.offset, of.magnitude!.offset + of.magnitude!.length);
      const at = (x: number): number => {
        values[i] = x;
        if (of) doraLengths(loaded, values, of.module).get(of.module)!.forEach((length, o) => { values[of.magnitude!.offset + o] = magnitudes![o]! * length / lengths.get(of.module)![o]!; });
        const loss = run()['loss']!.data[0]!;
        values[i] = kept;
        if (of) values.set(magnitudes!, of.magnitude!.offset);
        return loss;
      };
      const h = 1e-4;
      const numeric = (8 * (at(kept + h) - at(kept - h)) - (at(kept + 2 * h) - at(kept - 2 * h))) / (12 * h);
      worst = Math.max(worst, Math.abs(numeric - grads[i]!) / Math.max(Math.abs(grads[i]!), typical));
    }
    expect(worst).toBeLessThan(1e-6);
  }, 120_000);
});

/** Lengths of the rows of W - scale * B0 A0 + scale * B A, in float64. */
function doraLengths(loaded: LoadedModel, values: Float64Array, only?: string): Map<string, number[]> {
  const read = baseReader(loaded);
  const made = new Map<string, number[]>();
  for (const { module, magnitude, a, b, r, scale, minus, inFeatures, outFeatures, transposed } of loaded.trainables.lora!.slots) {
    if (magnitude === undefined || (only !== undefined && module !== only)) continue;
    const w = read(`${module}.weight`);
    made.set(module, Array.from({ length: outFeatures }, (_, o) => {
      let squares = 0;
      for (let i = 0; i < inFeatures; i++) {
        let x = w[transposed === true ? i * outFeatures + o : o * inFeatures + i]!;
        for (let k = 0; k < r; k++) x += scale * (values[b.offset + o * r + k]! * values[a.offset + k * inFeatures + i]! - (minus === undefined ? 0 : minus.b[o * r + k]! * minus.a[k * inFeatures + i]!));
        squares += x * x;
      }
      return Math.sqrt(squares);
    }));
  }
  return made;
}

/** log p of every token after the first, by the graph that training uses. */
async function trainingLogProbs(loaded: LoadedModel, values: Float32Array, ids: readonly number[]): Promise<number[]> {
  const out: number[] = [];
  const shape = { rows: 1, length: ids.length, losses: 1 };
  const program = await compile(optimize(buildStep({ ...loaded, method: engineMethod('sft'), config: sftTrain.parse({}), shape, kind: 'evaluate' })), { threads: 1 });
  for (let t = 1; t < ids.length; t++) {
    const feeds = collate([{ tree: [{ parent: -1, ids, targets: ids.map((_, i) => (i === t ? 1 : 0)) }], columns: [] }], shape, { token: 1, share: 1 }).feeds;
    out.push(-Number((await program.run({ ...feeds, ...trainableFeeds(loaded.trainables, values) }))['loss']!.data[0]));
  }
  await program.dispose();
  return out;
}
const IDS = [2, 5, 9, 13, 17, 21, 25, 29, 3, 7];

describe('a start that takes its part out of the base', () => {
  it.each([['pissa', {}], ['pissa_niter_4', {}], ['olora', {}], ['pissa', { use_dora: true }], ['orthogonal', {}], ['gaussian', { use_dora: true }]] as const)('%s %o computes what the base computes', async (init, more) => {
    const base = load(qwen, null);
    const adapted = load(qwen, adapterFor({ init_lora_weights: init, ...more }));
    const [want, got] = [await trainingLogProbs(base.loaded, base.values, IDS), await trainingLogProbs(adapted.loaded, adapted.values, IDS)];
    got.forEach((x, i) => { expect(Math.abs(x - want[i]!)).toBeLessThan(1e-4); });
    const slot = adapted.loaded.trainables.lora!.slots[0]!;
    const b = adapted.values.subarray(slot.b.offset, slot.b.offset + slot.b.length);
    expect(b.some((x) => x !== 0)).toBe(init !== 'gaussian');
  });
});

async function decodedLogProbs(folder: string, adapter: PeftAdapter | undefined, prompt: readonly number[]): Promise<{ tokens: number[]; logprobs: number[] }> {
  const { model, weights } = load(folder, null).loaded;
  const generator = createGenerator({ model, weights, ...(adapter === undefined ? {} : { adapter }) }, { threads: 1 });
  try {
    return (await generator.generateBatch({ prompts: [prompt], sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: 6 }))[0]!;
  } finally { await generator.dispose(); }
}

describe('decoding, files and merging agree with training', () => {
  it.each(CASES.filter(([, , more]) => more.load_in_4bit !== true))('%s', async (_name, folder, more) => {
    const { loaded, values: start } = load(folder, adapterFor({ ...more, lora_dropout: 0 }));
    const values = shaken(start);
    const live = adapterOf(loaded.trainables.lora!, values, folder);
    const path = fresh();
    writePeftAdapter(path, live);
    const read = readPeftAdapter(path);
    const prompt = IDS.slice(0, 4);
    const { tokens, logprobs } = await decodedLogProbs(folder, live, prompt);
    const want = (await trainingLogProbs(loaded, values, [...prompt, ...tokens])).slice(prompt.length - 1);
    logprobs.forEach((x, i) => { expect(Math.abs(x - want[i]!)).toBeLessThan(1e-4); });
    const again = await decodedLogProbs(folder, read, prompt);
    expect(again.tokens).toEqual(tokens);
    again.logprobs.forEach((x, i) => { expect(Math.abs(x - want[i]!)).toBeLessThan(1e-4); });

    // Folded into the weights, as a run of full fine-tuning starts from it.
    if (more.modules_to_save?.includes('lm_head') === true && folder === llama) {
      expect(() => initialValues(loadModel({ modelFolder: folder, start: { folder: path, kind: 'adapter' }, adapter: null }), { start: { folder: path, kind: 'adapter' }, config: { seed: 0 } })).toThrow(expect.objectContaining({ code: 'adapter-invalid' }));
      return;
    }
    const full = loadModel({ modelFolder: folder, start: null, adapter: null });
    const merged = initialValues(full, { start: { folder: path, kind: 'adapter' }, config: { seed: 0 } });
    const got = (await trainingLogProbs(full, merged, [...prompt, ...tokens])).slice(prompt.length - 1);
    got.forEach((x, i) => { expect(Math.abs(x - want[i]!)).toBeLessThan(1e-4); });
    expect(mergedNames(live)).toEqual(mergedNames(read));
  });

  it('PiSSA is written as a pair of twice the rank that belongs to the base as it is', () => {
    const { loaded, values } = load(llama, adapterFor({ init_lora_weights: 'pissa', use_rslora: true, rank_pattern: { down_proj: 3 } }));
    const path = fresh();
    writePeftAdapter(path, adapterOf(loaded.trainables.lora!, values, llama));
    const { config, pairs } = readPeftAdapter(path);
    expect(config).toMatchObject({ r: 4 });
    for (const p of pairs) {
      expect(p.r).toBe(p.module.endsWith('down_proj') ? 6 : 4);
      expect(p.scale).toBeCloseTo(4 / Math.sqrt(p.r / 2), 10);
      // Nothing trained yet: the two halves cancel.
      const merged = mergeAdapter({ pairs: [p], replaced: new Map() }, `${p.module}.weight`, new Float32Array(p.inFeatures * p.outFeatures));
      expect(Math.max(...merged.map(Math.abs))).toBeLessThan(1e-6);
    }
  });
});

const FIXED: Partial<SftTrain> = { learning_rate: 1e-2, max_steps: 6, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 };
function optionsFor(adapter: LoraAdapter | null, train: Partial<SftTrain> = {}, more: Partial<TrainOptions> = {}): TrainOptions {
  return { method: 'sft', config: sftTrain.parse({ ...FIXED, ...train }), adapter, modelFolder: llama, start: null, rows: tinyRows(8), evalRows: [], runFolder: fresh(), resume: null, threads: 1, recipeHash: 'r', ...more };
}
async function run(options: TrainOptions): Promise<{ outcome: TrainOutcome; events: TrainEvent[]; losses: number[] }> {
  const events: TrainEvent[] = [];
  const outcome = await trainRun(options, (e) => events.push(e));
  return { outcome, events, losses: events.flatMap((e) => (e.type === 'metric' && e.values['loss'] !== undefined ? [e.values['loss']] : [])) };
}

describe('training', () => {
  it.each([
    ['DoRA', { use_dora: true }], ['PiSSA', { init_lora_weights: 'pissa' }], ['OLoRA', { init_lora_weights: 'olora' }], ['orthogonal', { init_lora_weights: 'orthogonal' }],
    ['nf4', { load_in_4bit: true }], ['fp4', { load_in_4bit: true, bnb_4bit_quant_type: 'fp4' }], ['4 bit, DoRA, head and norms', { load_in_4bit: true, use_dora: true, modules_to_save: ['lm_head', 'norm'] }],
  ] as const)('%s lowers the loss', async (_name, more) => {
    const { losses } = await run(optionsFor(loraAdapter.parse({ r: 4, ...more }), { max_steps: 40 }));
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 1.5);
  });

  it('a 4-bit run first says what the 4 bit cost, and starts from that loss', async () => {
    const options = optionsFor(loraAdapter.parse({ r: 4, load_in_4bit: true }), { max_steps: 1, learning_rate: 0 }, { evalRows: tinyRows(5, 9) });
    const { events } = await run(options);
    const said = events.find((e) => e.type === 'log' && e.text.includes('4 bit'));
    const [four, full] = /loss (\d+\.\d+) with it and (\d+\.\d+) in float32/.exec(said?.type === 'log' ? said.text : '')!.slice(1).map(Number) as [number, number];
    const evaluated = (ran: { events: TrainEvent[] }): number => ran.events.flatMap((e) => (e.type === 'metric' && e.values['eval_loss'] !== undefined ? [e.values['eval_loss']] : []))[0]!;
    expect(evaluated({ events })).toBeCloseTo(four, 3);
    expect(evaluated(await run({ ...options, adapter: loraAdapter.parse({ r: 4 }), runFolder: fresh() }))).toBeCloseTo(full, 3);
    expect(four).not.toBe(full);
  });

  it('noise is repeated by the seed and changes the run', async () => {
    const of = async (alpha: number | null, seed = 1): Promise<number[]> => (await run(optionsFor(adapterFor({}), { neftune_noise_alpha: alpha, seed }))).losses;
    const [none, some] = [await of(null), await of(5)];
    expect(await of(5)).toEqual(some);
    expect(some).not.toEqual(none);
    expect(await of(0)).toEqual(none);
  });

  it.each([
    ['noise', adapterFor({ lora_dropout: 0.1 }), { neftune_noise_alpha: 5 }], ['PiSSA', adapterFor({ init_lora_weights: 'pissa' }), {}], ['DoRA, biases, saved modules', adapterFor({ use_dora: true, bias: 'all', modules_to_save: ['lm_head'] }), {}],
    ['4 bit', adapterFor({ load_in_4bit: true }), {}], ['freezing', null, { freeze: ['embed_tokens', 'layers.0'] }],
  ] as [string, LoraAdapter | null, Partial<SftTrain>][])('%s: resumed is as if never stopped', async (_name, adapter, train) => {
    const straight = await run(optionsFor(adapter, train));
    const part = await run(optionsFor(adapter, { ...train, max_steps: 6, save_steps: 3, save_total_limit: 9 }));
    const resumed = await run({ ...optionsFor(adapter, train), resume: join(part.outcome.checkpoint!, '../checkpoint-3') });
    for (const file of [adapter === null ? 'model.safetensors' : 'adapter_model.safetensors', 'optimizer.safetensors']) expect(readFileSync(join(resumed.outcome.checkpoint!, file)).equals(readFileSync(join(straight.outcome.checkpoint!, file))), file).toBe(true);
  });

  it('frozen parameters stay, the others move', async () => {
    const { outcome } = await run(optionsFor(null, { freeze: ['embed_tokens', 'layers.0', String.raw`.*layernorm\.weight`] }));
    const before = readSafetensorsHeader(join(llama, 'model.safetensors')).tensors;
    for (const [name, entry] of readSafetensorsHeader(join(outcome.checkpoint!, 'model.safetensors')).tensors) {
      const same = Buffer.from(readTensorFloats(entry).buffer).equals(Buffer.from(readTensorFloats(before.get(name)!).buffer));
      expect(same, name).toBe(/embed_tokens|layers\.0|layernorm/.test(name));
    }
    expect(loadModel({ modelFolder: llama, start: null, adapter: null, config: sftTrain.parse({ freeze: 'model.layers' }) }).trainables.ranges.map((r) => r.name)).toEqual(['model.embed_tokens.weight', 'model.norm.weight']);
  });

  it('a run continues from the adapter of another', async () => {
    const adapter = adapterFor({ use_dora: true, bias: 'all', modules_to_save: ['norm'] });
    const first = await run(optionsFor(adapter, { max_steps: 10 }, { evalRows: tinyRows(8) }));
    const second = await run(optionsFor(adapter, { max_steps: 1, learning_rate: 0 }, { evalRows: tinyRows(8), start: { folder: first.outcome.checkpoint!, kind: 'adapter' } }));
    const last = (r: typeof first): number => r.events.flatMap((e) => (e.type === 'metric' && e.values['eval_loss'] !== undefined ? [e.values['eval_loss']] : [])).at(-1)!;
    expect(last(second)).toBeCloseTo(last(first), 5);
  });
});

describe('what is refused', () => {
  it.each([
    [{ modules_to_save: ['classifier'] }, /names no module/], [{ exclude_modules: ['q_proj', 'v_proj'], target_modules: ['q_proj', 'v_proj'] }, /No linear layer is left/], [{ layers_to_transform: [9] }, /layers 0 to 1/],
    [{ init_lora_weights: 'orthogonal', r: 3 }, /even rank/], [{ init_lora_weights: 'pissa', r: 64 }, /at most/],
  ] as [Partial<LoraAdapter>, RegExp][])('adapter %o', (more, message) => {
    expect(() => loadModel({ modelFolder: llama, start: null, adapter: adapterFor(more) })).toThrow(expect.objectContaining({ code: 'recipe-value', message: expect.stringMatching(message) as string }));
  });
  it('freezing beside an adapter, and says what happens to a tied head', async () => {
    expect(() => loadModel({ modelFolder: llama, start: null, adapter: adapterFor({}), config: sftTrain.parse({ freeze: ['norm'] }) })).toThrow(expect.objectContaining({ code: 'recipe-value' }));
    const { events } = await run(optionsFor(adapterFor({ modules_to_save: ['lm_head'] }), { max_steps: 1 }));
    expect(events.some((e) => e.type === 'log' && e.text.includes('part ways'))).toBe(true);
  });
  it.each([[['nothing'], /matches no parameter/], [['('], /regular expression/], [['model'], /nothing is left/]] as const)('freeze %o', (freeze, message) => {
    expect(() => loadModel({ modelFolder: llama, start: null, adapter: null, config: sftTrain.parse({ freeze: [...freeze] }) })).toThrow(expect.objectContaining({ code: 'recipe-value', message: expect.stringMatching(message) as string }));
  });

  const written = (config: Record<string, unknown>, rename: (name: string) => string | null = (n) => n, more: Partial<LoraAdapter> = {}): string => {
    const { loaded, values } = load(llama, adapterFor(more));
    const path = fresh();
    writePeftAdapter(path, adapterOf(loaded.trainables.lora!, values, llama));
    const file = join(path, 'adapter_config.json');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...config }));
    const weights = join(path, 'adapter_model.safetensors');
    const tensors = [...readSafetensorsHeader(weights).tensors.values()].flatMap((t) => { const name = rename(t.name), data = readTensorFloats(t); return name === null ? [] : [{ name, shape: t.shape, dtype: 'F32' as const, data: () => data }]; });
    writeSafetensors(weights, tensors, {});
    return path;
  };
  it.each([
    [{ peft_type: 'IA3' }, /IA3/], [{ init_lora_weights: 'pissa' }, /changed base/], [{ use_dora: true }, /lora_magnitude_vector/], [{ lora_bias: true }, /lora_bias/], [{ trainable_token_indices: [1] }, /trainable_token_indices/],
    [{ r: 3 }, /rank 3/], [{ r: 0 }, /its r/], [{ rank_pattern: { q_proj: 5 } }, /rank 5/],
  ])('an adapter with %o', (config, message) => {
    expect(() => readPeftAdapter(written(config))).toThrow(expect.objectContaining({ code: 'adapter-invalid', message: expect.stringMatching(message) as string }));
  });
  it('tensors that do not belong', () => {
    expect(() => readPeftAdapter(written({}, (n) => n.replace('lora_A', 'lora_embedding_A')))).toThrow(/adapts an embedding/);
    expect(() => readPeftAdapter(written({}, (n) => (n.includes('q_proj.lora_B') ? null : n)))).toThrow(/only one of/);
    expect(() => readPeftAdapter(written({}, (n) => (n.includes('0.self_attn.q_proj.lora_B') ? 'base_model.model.lm_head.weight' : n.includes('0.self_attn.q_proj') ? null : n)))).toThrow(/announced/);
  });
  it('an adapter of another model, rank, scale or kind', () => {
    const start = (path: string, more: Partial<LoraAdapter> = {}, folder = llama): () => unknown => () => { const from = { folder: path, kind: 'adapter' as const }; return initialValues(loadModel({ modelFolder: folder, start: from, adapter: adapterFor(more) }), { start: from, config: { seed: 0 } }); };
    const plain = written({});
    const invalid = (message: RegExp): unknown => expect.objectContaining({ code: 'adapter-invalid', message: expect.stringMatching(message) as string });
    expect(start(plain)).not.toThrow();
    expect(start(plain, { r: 4 })).toThrow(invalid(/rank/));
    expect(start(plain, { lora_alpha: 9 })).toThrow(invalid(/scale/));
    expect(start(plain, { use_dora: true })).toThrow(invalid(/DoRA/));
    expect(start(plain, { target_modules: ['q_proj'] })).toThrow(invalid(/not a layer that this run adapts/));
    expect(start(plain, { bias: 'none', modules_to_save: ['norm'] })).toThrow(invalid(/no copy of/));
    expect(start(plain, {}, gpt2)).toThrow(invalid(/not a layer/));
    const wide = tinyModel({ ...TINY, intermediate_size: 32 });
    folders.push(wide);
    expect(start(plain, {}, wide)).toThrow(invalid(/maps 16 to 24/));
  });
});
