// Measures the demo without the application around it: base answers, the fine-tuning of resources/demo/recipe.yaml, tuned answers, exact match with Wilson's 95 % intervals.
// Run: node scripts/demo/sft-check.ts [--heldout] [--limit rows] [--set key=value ...] [--model folder] [--json file]. Without --heldout it asks the dev rows, the only ones that choices are made on.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { SftEncoder } from '../../src/main/data/encode/sft.ts';
import { needTemplate } from '../../src/main/data/templates/builtin.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import type { EncodedRow } from '../../src/main/engine/train/index.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { exactMatch } from '../../src/main/eval/metrics/exact-match.ts';
import { wilson } from '../../src/main/eval/statistics/intervals.ts';
import { recipe as recipeSchema } from '../../src/shared/schema/recipe.ts';
import { demoFolder } from './manifest.ts';
import { dataFolder } from './make-instruct.ts';
import { readRows } from './overlap.ts';
import { modelFolder } from './train-bpe.ts';

type Rows = ReturnType<typeof readRows>;
interface Score { readonly right: number; readonly n: number; readonly low: number; readonly high: number; readonly firstLine: number; readonly seconds: number; readonly byTask: Readonly<Record<string, string>>; readonly answers: readonly string[] }
const threads = 2;
const maxNewTokens = 48;

const prompt = (row: Rows[number]): string => row.messages[0]?.content ?? '';
const expected = (row: Rows[number]): string => row.messages[1]?.content ?? '';

/** Greedy answers to all rows in batches of similar length. `firstLine` counts answers whose first line is right: a base that runs on is shown as what it is. */
async function ask(folder: string, tokenizer: Tokenizer, rows: Rows): Promise<Score> {
  const began = performance.now();
  const source = openModelFolder(folder);
  const model = parseModel(source.config);
  const generator = createGenerator({ model, weights: checkParameters(model, source.tensors) }, { threads });
  const template = needTemplate(tokenizer);
  const { stopIds } = new SftEncoder(tokenizer, template);
  const asked = rows.map((row, index) => ({ index, ids: tokenizer.encode(template.render([{ role: 'user', content: prompt(row) }], { addGenerationPrompt: true }), { addSpecial: false }) }));
  asked.sort((a, b) => a.ids.length - b.ids.length || a.index - b.index);
  const answers: string[] = [];
  for (let at = 0; at < asked.length; at += 32) {
    const part = asked.slice(at, at + 32);
    const made = await generator.generateBatch({ prompts: part.map((p) => p.ids), sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens, stopIds });
    part.forEach((p, i) => { answers[p.index] = tokenizer.decode(made[i]?.tokens ?? [], { skipSpecial: true }); });
  }
  await generator.dispose();
  const byTask = new Map<string, [right: number, n: number]>();
  let right = 0;
  let firstLine = 0;
  rows.forEach((row, index) => {
    const hit = exactMatch.score(answers[index] ?? '', [expected(row)]);
    right += hit;
    firstLine += exactMatch.score((answers[index] ?? '').trim().split('\n')[0] ?? '', [expected(row)]);
    const [r, n] = byTask.get(row.task) ?? [0, 0];
    byTask.set(row.task, [r + hit, n + 1]);
  });
  const sorted = [...byTask].sort(([a], [b]) => (a < b ? -1 : 1)).map(([task, [r, n]]) => [task, `${r}/${n}`]);
  return { right, n: rows.length, ...wilson(right, rows.length), firstLine, seconds: (performance.now() - began) / 1000, byTask: Object.fromEntries(sorted) as Record<string, string>, answers };
}

function encodeRows(tokenizer: Tokenizer, rows: Rows, maxLength: number): EncodedRow[] {
  const encoder = new SftEncoder(tokenizer, needTemplate(tokenizer), { max_length: maxLength });
  return rows.map((row, source) => {
    const { ids, mask, truncated } = encoder.encode({ kind: 'messages', messages: [{ role: 'user', content: prompt(row) }, { role: 'assistant', content: expected(row) }] });
    return { ids, mask, truncated, source };
  });
}

const show = (name: string, s: Score): void => console.log(`${name}: ${s.right} of ${s.n} exact (${((100 * s.right) / s.n).toFixed(1)} %, 95 % interval ${(100 * s.low).toFixed(1)} to ${(100 * s.high).toFixed(1)}), first line right ${s.firstLine}, ${s.seconds.toFixed(1)} s ${JSON.stringify(s.byTask)}`);

async function check(): Promise<void> {
  const { values: given } = parseArgs({ options: { heldout: { type: 'boolean', default: false }, limit: { type: 'string' }, set: { type: 'string', multiple: true, default: [] }, model: { type: 'string', default: modelFolder }, json: { type: 'string' }, errors: { type: 'boolean', default: false } } });
  const tokenizer = await Tokenizer.load(given.model);
  const rows = readRows(join(dataFolder, given.heldout ? 'instruct-heldout.jsonl' : 'instruct-dev.jsonl')).slice(0, given.limit === undefined ? undefined : Number(given.limit));
  const written = parse(readFileSync(join(demoFolder, 'recipe.yaml'), 'utf8')) as { train: Record<string, unknown>; adapter: unknown };
  for (const setting of given.set) {
    const [key, value] = setting.split('=') as [string, string];
    if (key === 'adapter') written.adapter = parse(value);
    else written.train[key] = parse(value);
  }
  const recipe = recipeSchema.parse(written);
  const base = await ask(given.model, tokenizer, rows);
  show('base', base);
  const runFolder = mkdtempSync(join(tmpdir(), 'anneal-demo-'));
  try {
    const began = performance.now();
    let tokens = 0;
    const outcome = await trainRun({
      method: 'sft', config: { ...recipe.train, eval_steps: 0, save_steps: 0 }, adapter: recipe.adapter === 'none' ? null : recipe.adapter, modelFolder: given.model, start: null,
      rows: encodeRows(tokenizer, readRows(join(dataFolder, 'instruct-train.jsonl')), recipe.train.max_length), evalRows: [], runFolder, resume: null, threads, recipeHash: 'sft-check',
    }, (event) => {
      if (event.type === 'metric') tokens = event.tokens;
      if (event.type === 'metric' && event.step % 100 === 0) console.log(`step ${event.step} loss ${event.values['loss']?.toFixed(4)} accuracy ${event.values['mean_token_accuracy']?.toFixed(3)} ${event.seconds.toFixed(0)} s`);
    });
    if (outcome.error !== null || outcome.checkpoint === null) throw outcome.error ?? new Error('the run left no checkpoint');
    const seconds = (performance.now() - began) / 1000;
    console.log(`fine-tuning: ${outcome.step} steps, ${tokens} tokens, ${seconds.toFixed(1)} s`);
    const tuned = await ask(outcome.checkpoint, tokenizer, rows);
    show('tuned', tuned);
    if (given.errors) rows.forEach((row, i) => { if (exactMatch.score(tuned.answers[i] ?? '', [expected(row)]) === 0) console.log(`${row.task} | ${prompt(row)} | ${expected(row)} | ${tuned.answers[i]}`); });
    if (given.json !== undefined) {
      const plain = ({ answers: _answers, ...rest }: Score) => rest;
      writeFileSync(given.json, `${JSON.stringify({ split: given.heldout ? 'heldout' : 'dev', base: plain(base), tuned: plain(tuned), training: { steps: outcome.step, tokens, seconds } }, null, 2)}\n`);
    }
  } finally {
    rmSync(runFolder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await check();
