/**
 * What 8 and 4 bit cost while generating: over the greedy fp32 answers of a real model, the mean Kullback-Leibler divergence of the next-token distribution from fp32's, and how often the likeliest token is the same.
 * Needs a Hugging Face folder in ANNEAL_BENCH_MODEL (SmolLM2-135M-Instruct for the figures kept here); without it nothing is measured.
 */

import { createGenerator } from '../src/main/engine/generate/index.ts';
import { Programs } from '../src/main/engine/generate/programs.ts';
import { openModelFolder } from '../src/main/engine/io/model-folder.ts';
import { parseModel } from '../src/main/engine/models/index.ts';
import { checkParameters } from '../src/main/engine/models/parameters.ts';
import { Tokenizer } from '../src/main/data/tokenizer/tokenizer.ts';
import type { WeightFormat } from '../src/shared/schema/generate.ts';
import type { Benchmark, Figure } from './figure.ts';

const PROMPTS = [
  'The capital of France is', 'Once upon a time there was a small mill by the river, and', 'To bake bread you need flour, water,', 'The three primary colours are', 'In the year 1969, people first',
  'A good way to learn a language is to', 'def add(a, b):\n    return', 'The sun rises in the east because',
];
const TOKENS = 12;
const WIDTH = 48;

export const decodeQuality: Benchmark = {
  id: 'decode-quality',
  run: async (say) => {
    const folder = process.env['ANNEAL_BENCH_MODEL'];
    if (folder === undefined) { say('ANNEAL_BENCH_MODEL is not set: the cost of 8 and 4 bit is not measured in this run'); return []; }
    const { config, tensors } = openModelFolder(folder);
    const model = parseModel(config);
    const source = { model, weights: checkParameters(model, tensors) };
    const tokenizer = await Tokenizer.load(folder);
    const prompts = PROMPTS.map((p) => tokenizer.encode(p));
    const generator = createGenerator(source, { threads: 2 });
    const answers = await generator.generateBatch({ prompts, sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: TOKENS });
    await generator.dispose();
    const texts = answers.map((a, i) => [...prompts[i]!, ...a.tokens]);
    /** Logits after the prompt and 0 to TOKENS - 1 tokens of the answer. */
    const logits = async (format: WeightFormat): Promise<Float32Array[]> => {
      say(`reading the texts in ${format}`);
      const programs = new Programs(source, 2, 1, format);
      const program = await programs.get('prefill', PROMPTS.length, WIDTH);
      const ids = new Int32Array(PROMPTS.length * WIDTH);
      texts.forEach((t, b) => { ids.set(t, b * WIDTH); });
      const positions = Int32Array.from({ length: ids.length }, (_, i) => i % WIDTH);
      const all: Float32Array[] = [];
      for (let k = 0; k < TOKENS; k++) {
        const last = Int32Array.from(prompts, (p, b) => b * WIDTH + p.length + k - 1);
        all.push((await program.run({ ids, positions, last }, ['logits']))['logits']!.data as Float32Array);
      }
      await programs.dispose();
      return all;
    };
    const exact = await logits('fp32');
    const figures: Figure[] = [];
    for (const format of ['int8', 'int4'] as const) {
      const got = await logits(format);
      const v = model.config.vocabSize;
      const divergences: number[] = [];
      let same = 0;
      exact.forEach((rows, k) => {
        for (let b = 0; b < PROMPTS.length; b++) {
          const [p, q] = [rows.subarray(b * v, (b + 1) * v), got[k]!.subarray(b * v, (b + 1) * v)];
          divergences.push(divergence(p, q));
          if (largest(p) === largest(q)) same++;
        }
      });
      const n = divergences.length;
      figures.push({ name: `${format}: mean KL from fp32`, value: divergences.reduce((a, b) => a + b, 0) / n, unit: 'nats', detail: { positions: n, largest: Math.max(...divergences) } });
      figures.push({ name: `${format}: same greedy token as fp32`, value: same / n, unit: '', detail: { positions: n } });
    }
    return figures;
  },
};

function normaliser(row: Float32Array): number { const max = row.reduce((a, b) => Math.max(a, b), -Infinity); return max + Math.log(row.reduce((s, x) => s + Math.exp(x - max), 0)); }
function divergence(p: Float32Array, q: Float32Array): number {
  const [a, b] = [normaliser(p), normaliser(q)];
  let sum = 0;
  for (let i = 0; i < p.length; i++) { const lp = p[i]! - a; sum += Math.exp(lp) * (lp - (q[i]! - b)); }
  return sum;
}
function largest(row: Float32Array): number { let best = 0; row.forEach((x, i) => { if (x > row[best]!) best = i; }); return best; }
