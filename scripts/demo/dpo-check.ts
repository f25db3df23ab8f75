// Measures the preference part of the demo without the application around it: the fine-tuned model of resources/demo/recipe.yaml, its alignment by resources/demo/dpo-recipe.yaml, and what the two say to the rows of a split.
// Run: node scripts/demo/dpo-check.ts [--heldout] [--set key=value ...] [--sft folder] [--keep folder] [--aligned folder] [--json file] [--errors]. Without --heldout it asks the dev rows, the only ones that choices are made on. --sft: weights of an earlier fine-tuning, .cache/demo/sft by default; made when missing. --keep leaves the aligned weights in a folder, --aligned measures those of an earlier call.

import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { AnswerEncoder } from '../../src/main/data/encode/answers.ts';
import { SftEncoder } from '../../src/main/data/encode/sft.ts';
import { needTemplate } from '../../src/main/data/templates/builtin.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { scoreCompletions } from '../../src/main/engine/train/score-completions.ts';
import { compareAligned } from '../../src/main/host/demo/compare-aligned.ts';
import { exactMatch } from '../../src/main/eval/metrics/exact-match.ts';
import { wilson } from '../../src/main/eval/statistics/intervals.ts';
import { recipe as recipeSchema, type Recipe } from '../../src/shared/schema/recipe.ts';
import { demoFolder } from './manifest.ts';
import { dataFolder } from './make-instruct.ts';
import { readRows } from './overlap.ts';
import { readPairs } from './preferences/length-bias.ts';
import { modelFolder } from './train-bpe.ts';

const threads = 2;
const maxNewTokens = 48;

async function answers(folder: string, tokenizer: Tokenizer, prompts: readonly string[]): Promise<string[]> {
  const source = openModelFolder(folder), model = parseModel(source.config);
  const generator = createGenerator({ model, weights: checkParameters(model, source.tensors) }, { threads });
  const template = needTemplate(tokenizer), { stopIds } = new SftEncoder(tokenizer, template);
  const asked = prompts.map((content, index) => ({ index, ids: tokenizer.encode(template.render([{ role: 'user', content }], { addGenerationPrompt: true }), { addSpecial: false }) }));
  asked.sort((a, b) => a.ids.length - b.ids.length || a.index - b.index);
  const out: string[] = [];
  for (let at = 0; at < asked.length; at += 32) {
    const part = asked.slice(at, at + 32);
    const made = await generator.generateBatch({ prompts: part.map((p) => p.ids), sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens, stopIds });
    part.forEach((p, i) => { out[p.index] = tokenizer.decode(made[i]?.tokens ?? [], { skipSpecial: true }); });
  }
  await generator.dispose();
  return out;
}

/** As a run prepares them. */
export function examples(tokenizer: Tokenizer, split: string): ExampleRow[] {
  const encoder = new AnswerEncoder(tokenizer, needTemplate(tokenizer), { max_length: 512 });
  return readPairs(split).map(({ prompt, chosen, rejected }, source) => {
    const side = (content: string) => [{ role: 'assistant', content }];
    const { answers: sides } = encoder.encode({ kind: 'preference', prompt: [{ role: 'user', content: prompt }], chosen: side(chosen), rejected: side(rejected) });
    return { completions: sides.map(({ ids, prompt: asked }) => ({ ids, prompt: asked })), columns: {}, truncated: false, source };
  });
}

async function fineTuned(tokenizer: Tokenizer, kept: string): Promise<string> {
  if (existsSync(join(kept, 'model.safetensors'))) return kept;
  const recipe = recipeSchema.parse(parse(readFileSync(join(demoFolder, 'recipe.yaml'), 'utf8')));
  const encoder = new SftEncoder(tokenizer, needTemplate(tokenizer), { max_length: recipe.train.max_length });
  const rows = readRows(join(dataFolder, 'instruct-train.jsonl')).map((row, source) => {
    const { ids, mask, truncated } = encoder.encode({ kind: 'messages', messages: row.messages.map((m) => ({ role: m.role, content: m.content })) });
    return { ids, mask, truncated, source };
  });
  const folder = mkdtempSync(join(tmpdir(), 'anneal-demo-sft-')), began = performance.now();
  const { error, checkpoint } = await trainRun({ method: 'sft', config: { ...recipe.train, eval_steps: 0, save_steps: 0 }, adapter: null, modelFolder, start: null, rows, evalRows: [], runFolder: folder, resume: null, threads, recipeHash: 'dpo-check' }, (event) => {
    if (event.type === 'metric' && event.step % 100 === 0) console.log(`fine-tuning step ${event.step} loss ${event.values['loss']?.toFixed(4)} ${event.seconds.toFixed(0)} s`);
  });
  if (checkpoint === null) throw error ?? new Error('fine-tuning left no checkpoint');
  console.log(`fine-tuning took ${((performance.now() - began) / 1000).toFixed(1)} s`);
  cpSync(checkpoint, kept, { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  return kept;
}

/** The checkpoint of a run of the recipe on the training pairs. */
async function aligned(tokenizer: Tokenizer, recipe: Recipe, sft: string, folder: string, training: { steps: number; seconds: number }): Promise<string> {
  const began = performance.now();
  const { error, checkpoint, step } = await trainRun({ method: recipe.method, config: { ...recipe.train, eval_steps: 0, save_steps: 0 }, adapter: recipe.adapter === 'none' ? null : recipe.adapter, modelFolder, start: { folder: sft, kind: 'full' }, rows: examples(tokenizer, 'train'), evalRows: [], runFolder: folder, resume: null, threads, recipeHash: 'dpo-check' }, (event) => {
    if (event.type === 'metric' && event.step % 25 === 0) console.log(`step ${event.step} loss ${event.values['loss']?.toFixed(4)} accuracy ${event.values['rewards/accuracies']?.toFixed(3)} margin ${event.values['rewards/margins']?.toFixed(2)} chosen ${event.values['logps/chosen']?.toFixed(1)} ${event.seconds.toFixed(0)} s`);
  });
  if (checkpoint === null) throw error ?? new Error('the run left no checkpoint');
  Object.assign(training, { steps: step, seconds: (performance.now() - began) / 1000 });
  console.log(`alignment: ${step} steps, ${training.seconds.toFixed(1)} s`);
  return checkpoint;
}

async function check(): Promise<void> {
  const { values: given } = parseArgs({ options: { heldout: { type: 'boolean', default: false }, set: { type: 'string', multiple: true, default: [] }, sft: { type: 'string', default: fileURLToPath(new URL('../../.cache/demo/sft', import.meta.url)) }, errors: { type: 'boolean', default: false }, keep: { type: 'string' }, aligned: { type: 'string' }, json: { type: 'string' } } });
  const split = given.heldout ? 'heldout' : 'dev', pairs = readPairs(split), tokenizer = await Tokenizer.load(modelFolder), rows = examples(tokenizer, split);
  const sft = await fineTuned(tokenizer, given.sft);
  const written = parse(readFileSync(join(demoFolder, 'dpo-recipe.yaml'), 'utf8')) as { train: Record<string, unknown> };
  for (const setting of given.set) {
    const [key, value] = setting.split('=') as [string, string];
    written.train[key] = parse(value);
  }
  const recipe = recipeSchema.parse(written);
  const folder = mkdtempSync(join(tmpdir(), 'anneal-demo-dpo-')), training = { steps: 0, seconds: 0 };
  try {
    const checkpoint = given.aligned ?? await aligned(tokenizer, recipe, sft, folder, training);
    if (given.keep !== undefined) cpSync(checkpoint, given.keep, { recursive: true });
    const score = async (at: string) => scoreCompletions({ modelFolder, start: { folder: at, kind: 'full' }, rows, maxLength: recipe.train.max_length, threads });
    const side = async (at: string) => ({ scores: await score(at), answers: await answers(at, tokenizer, pairs.map((p) => p.prompt)) });
    const before = await side(sft), after = await side(checkpoint);
    const measured = (s: typeof before) => ({ pairs: s.scores.map(({ row, logps }) => ({ index: row, chosen: logps[0]!, rejected: logps[1]!, chosen_tokens: rows[row]!.completions[0]!.ids.length - rows[row]!.completions[0]!.prompt, rejected_tokens: rows[row]!.completions[1]!.ids.length - rows[row]!.completions[1]!.prompt })), answers: s.answers.map((text, index) => ({ index, text, task: pairs[index]!.task, prompt: pairs[index]!.prompt, expected: pairs[index]!.chosen })) });
    const { examples: _examples, ...numbers } = compareAligned(measured(before), measured(after));
    console.log(JSON.stringify(numbers, null, 1));
    if (given.errors) pairs.forEach((p, i) => { console.log(`${p.task} | ${p.prompt} | ${p.chosen} | SFT: ${before.answers[i]} | DPO: ${after.answers[i]}`); });
    const instruct = readRows(join(dataFolder, `instruct-${split}.jsonl`));
    const exact: Record<string, unknown> = {};
    for (const [name, at] of [['tuned', sft], ['aligned', checkpoint]] as const) {
      const texts = await answers(at, tokenizer, instruct.map((row) => row.messages[0]?.content ?? ''));
      const right = texts.reduce((n, text, i) => n + exactMatch.score(text, [instruct[i]?.messages[1]?.content ?? '']), 0), { low, high } = wilson(right, texts.length);
      exact[name] = { right, n: texts.length, low, high };
      console.log(`${name}: ${right} of ${texts.length} instruction rows exact (95 % interval ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`);
    }
    if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify({ split, ...numbers, exact_match: exact, training }, null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await check();
