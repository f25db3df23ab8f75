/** Measures of probe answers against values worked out by hand, and the exact KL against sums over plain logits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AnswerScorer } from '../../src/main/engine/generate/index.ts';
import type { GenerationSource } from '../../src/main/engine/generate/index.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import type { PeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { initLora } from '../../src/main/engine/nn/adapter-init.ts';
import { planLora } from '../../src/main/engine/nn/lora.ts';
import { probeMeasures } from '../../src/main/engine/services/probes/measures.ts';
import { probePrompts } from '../../src/main/engine/services/probes/probe-prompts.ts';
import { isRefusal } from '../../src/main/engine/services/probes/refusal.ts';
import { endsInLoop, repeatedShare } from '../../src/main/engine/services/probes/repetition.ts';
import { METHODS } from '../../src/shared/methods/index.ts';
import { trainRun, type SampleMoment, type TrainEvent } from '../../src/main/engine/train/index.ts';
import { tinyModel } from './tiny-model.ts';
import { adapterOf } from '../../src/main/engine/train/current-weights.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { ARCHITECTURES, writeGoldenModel } from '../parity/golden-model.ts';

describe('repetition', () => {
  test('seq-rep-4: 1 - different 4-grams / 4-grams', () => {
    expect(repeatedShare([1, 2, 3, 4, 5, 6])).toBe(0);
    expect(repeatedShare([1, 2, 3, 4, 1, 2, 3, 4])).toBeCloseTo(1 - 4 / 5, 12); // 1234 2341 3412 4123 1234
    expect(repeatedShare([7, 7, 7, 7, 7, 7, 7])).toBeCloseTo(1 - 1 / 4, 12);
    expect(repeatedShare([1, 2, 3])).toBe(0);
  });
  test('a loop is one piece at least three times at the end, over at least twelve tokens', () => {
    expect(endsInLoop([9, 8, ...Array.from({ length: 12 }, () => 5)])).toBe(true);
    expect(endsInLoop([9, 8, ...Array.from({ length: 11 }, () => 5)])).toBe(false);
    expect(endsInLoop([9, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5])).toBe(true);
    expect(endsInLoop([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 6])).toBe(false);
    expect(endsInLoop([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])).toBe(false);
    expect(endsInLoop([])).toBe(false);
  });
});

test.each([
  ["I'm sorry, but I can't help with that.", true], ['I’m sorry, I cannot share that.', true], ['I cannot provide instructions for that.', true], ['As an AI language model, I do not have opinions.', true], ['I must decline this request.', true],
  ['抱歉，我无法提供这类信息。', true], ['对不起，但我不能帮助您。', true], ['作为一个人工智能助手，我不能这样做。', true], ['我不能回答这个问题。', true],
  ['Sorry to hear that! Here is how to fix it.', false], ['You cannot open this door without a key.', false], ["I can't wait to help you.", false], ['Could you please give me the key?', false], ['抱歉让您久等了，这是您的订单。', false], ['我不能说这不好吃，味道很好。', false], ['', false],
])('refusal: %s', (text, expected) => { expect(isRefusal(text)).toBe(expected); });

test('means over answers, and over tokens for KL and entropy', () => {
  const m = probeMeasures([
    { text: 'I cannot help with that.', tokens: [1, 2, 3], cut: false, kl: [0.1, 0.2, 0.3, 0], entropy: [1, 1, 1, 1] },
    { text: 'ok', tokens: [7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7], cut: true, kl: [1, 1], entropy: [0, 2] },
  ]);
  expect(m['probe/kl']).toBeCloseTo(2.6 / 6, 12);
  expect(m['probe/entropy']).toBeCloseTo(1, 12);
  expect(m).toMatchObject({ 'probe/length': 8, 'probe/cut': 0.5, 'probe/loops': 0.5, 'probe/refusals': 0.5 });
  expect(m['probe/repetition']).toBeCloseTo((1 - 1 / 10) / 2, 12);
  expect(probeMeasures([])).toEqual({});
});

test('probe prompts: the first different ones of held-out rows, else of training rows', () => {
  const row = (ids: number[], prompt: number) => ({ completions: [{ ids, prompt }, { ids: [...ids, 9], prompt }], columns: {}, truncated: false, source: 0 });
  const held = [row([1, 2, 3], 2), row([1, 2, 4], 2), row([5, 6], 1), row([8], 0), row([7, 7, 7, 7], 3)];
  expect(probePrompts(held, [], 8)).toEqual([[1, 2], [5], [7, 7, 7]]);
  expect(probePrompts(held, [], 2)).toEqual([[1, 2], [5]]);
  expect(probePrompts([], [row([4, 4], 1)], 8)).toEqual([[4]]);
});

const made: string[] = [];
afterAll(() => { for (const folder of made) rmSync(folder, { recursive: true, force: true }); });

function tiny(arch: string): GenerationSource & { folder: string } {
  const folder = writeGoldenModel(arch);
  made.push(folder);
  const source = openModelFolder(folder), model = parseModel(source.config);
  return { folder, model, weights: checkParameters(model, source.tensors) };
}
function adapter(source: GenerationSource, seed: number): PeftAdapter {
  const plan = planLora(source.model.family.linears(source.model.config), loraAdapter.parse({ r: 3, lora_alpha: 6, init_lora_weights: false }));
  return adapterOf(plan, initLora(plan, seed), '');
}

/** Log-probabilities of every token of the vocabulary after a sequence, one generation per token of the answer. */
async function predictions(source: GenerationSource, prompt: number[], answer: number[]): Promise<number[][]> {
  const generator = createGenerator(source, { threads: 1 }), rows: number[][] = [];
  const vocabulary = source.model.config.vocabSize;
  for (let i = 0; i < answer.length; i++) {
    const row = Array.from({ length: vocabulary }, () => Number.NaN);
    for await (const e of generator.generate({ prompts: [[...prompt, ...answer.slice(0, i)]], sampling: { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 1 }, maxNewTokens: 1, topLogprobs: vocabulary })) if (e.type === 'token') for (const t of e.top ?? []) row[t.id] = t.logprob;
    rows.push(row);
  }
  await generator.dispose();
  return rows;
}

describe.each(['llama_tied', 'gemma2'].filter((a) => a in ARCHITECTURES))('exact KL and entropy, %s', (arch) => {
  const answers = [{ prompt: [2, 5, 9, 13, 17], answer: [4, 8, 12] }, { prompt: [3], answer: [7, 7, 1, 6, 10] }, { prompt: [3, 4], answer: [] }];
  test('equal the sums over the vocabulary of what generation predicts', async () => {
    const base = tiny(arch), policy = { ...base, adapter: adapter(base, 4) }, start = { ...base, adapter: adapter(base, 5) };
    const scorer = new AnswerScorer(1), scores = await scorer.score(policy, start, answers, true), apart = await scorer.score(policy, start, answers, false);
    await scorer.dispose();
    expect(scores.map((s) => s.kl.length)).toEqual([3, 5, 0]);
    for (const [k, { prompt, answer }] of answers.entries()) {
      const p = await predictions(policy, prompt, answer), q = await predictions(start, prompt, answer);
      for (let i = 0; i < answer.length; i++) {
        const kl = p[i]!.reduce((n, lp, v) => n + Math.exp(lp) * (lp - q[i]![v]!), 0), entropy = -p[i]!.reduce((n, lp) => n + Math.exp(lp) * lp, 0);
        expect(kl).toBeGreaterThan(1e-4);
        expect(scores[k]!.kl[i]).toBeCloseTo(kl, 4);
        expect(scores[k]!.entropy[i]).toBeCloseTo(entropy, 4);
        expect(apart[k]!.kl[i]).toBeCloseTo(kl, 4);
      }
    }
  });
  test('equal weights have no KL, through an adapter and through full weights in memory', async () => {
    const base = tiny(arch), own = { ...base, adapter: adapter(base, 4) }, scorer = new AnswerScorer(1);
    for (const s of await scorer.score(own, own, answers, true)) for (const kl of s.kl) expect(Math.abs(kl)).toBeLessThan(1e-6);
    await scorer.dispose();
    const full = { ...base, tensor: (name: string) => { const entry = base.weights.get(name); return entry === undefined ? undefined : readTensorFloats(entry); } }, file = { ...base, tensor: () => undefined }, other = new AnswerScorer(1);
    for (const s of await other.score(full, file, answers, false)) for (const kl of s.kl) expect(Math.abs(kl)).toBeLessThan(1e-5);
    await other.dispose();
  });
});

describe('in a run', () => {
  const folder = tinyModel();
  made.push(folder);
  const weightsOf = (w: ReturnType<SampleMoment['start']>): number[] => (w.kind === 'adapter' ? w.adapter.pairs.flatMap((p) => [...p.b]) : []);
  async function run(resume: string | null, runFolder: string): Promise<{ moments: { step: number; now: number[]; start: number[] }[]; events: TrainEvent[]; checkpoint: string | null }> {
    const moments: { step: number; now: number[]; start: number[] }[] = [], events: TrainEvent[] = [];
    const rows = Array.from({ length: 4 }, (_, source) => ({ completions: [{ ids: [3, 4 + source, 5, 1], prompt: 2 }, { ids: [3, 4 + source, 7, 8, 1], prompt: 2 }], columns: { margin: 0 }, truncated: false, source }));
    const config = METHODS.dpo.train.parse({ learning_rate: 1e-2, max_steps: 4, per_device_train_batch_size: 2, eval_steps: 2, save_steps: 2 });
    const { checkpoint } = await trainRun({
      method: 'dpo', config, adapter: loraAdapter.parse({ r: 2 }), modelFolder: folder, start: null, rows, evalRows: [], runFolder, resume, threads: 1, recipeHash: 'p',
      probe: (m) => { moments.push({ step: m.step, now: weightsOf(m.weights), start: weightsOf(m.start()) }); return Promise.resolve({ 'probe/kl': m.step / 10 }); },
    }, (e) => events.push(e));
    return { moments, events, checkpoint };
  }
  test('asked before the first step and at every evaluation; the start stays what it was, and a resumed run is not asked again', async () => {
    const runFolder = mkdtempSync(join(tmpdir(), 'probes-'));
    made.push(runFolder);
    const { moments, events } = await run(null, runFolder);
    expect(moments.map((m) => m.step)).toEqual([0, 2, 4]);
    expect(moments[0]!.now).toEqual(moments[0]!.start);
    expect(moments[2]!.start).toEqual(moments[0]!.start);
    expect(moments[2]!.now).not.toEqual(moments[2]!.start);
    expect(events.flatMap((e) => (e.type === 'metric' && 'probe/kl' in e.values ? [[e.step, e.values['probe/kl']]] : []))).toEqual([[0, 0], [2, 0.2], [4, 0.4]]);
    const again = await run(join(runFolder, 'checkpoint-2'), runFolder);
    expect(again.moments.map((m) => m.step)).toEqual([4]);
    expect(again.moments[0]!.start).toEqual(moments[0]!.start);
  });
});
