/** Adapters of preference training in PEFT: each is trained here for a few steps on pairs of the demo over its embedded model; PEFT loads it and sums the log-probabilities of the same held-out answers with the adapter, merged, and without it. Compared: every sum with ours, and the
 * reward margin that our run reported (policy against reference) with PEFT's own. Figures go to bench/results/peer-dpo.jsonl.
 * Run: node bench/peer/dpo-adapters.ts <python with torch, transformers and peft> */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelFolder } from '../../scripts/demo/train-bpe.ts';
import { examples } from '../../scripts/demo/dpo-check.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { scoreCompletions } from '../../src/main/engine/train/score-completions.ts';
import { METHODS, type MethodId } from '../../src/shared/methods/index.ts';
import { loraAdapter, type LoraAdapter } from '../../src/shared/schema/recipe.ts';
import { record, type Figure } from '../figure.ts';

interface Case { name: string; method: MethodId; adapter: Partial<LoraAdapter>; train?: Record<string, unknown>; /** Goes on from an adapter of an earlier case. */ from?: string }
const CASES: readonly Case[] = [
  { name: 'dpo sigmoid, LoRA', method: 'dpo', adapter: {} },
  { name: 'dpo sigmoid_norm, rsLoRA and DoRA', method: 'dpo', adapter: { use_dora: true, use_rslora: true }, train: { loss_type: 'sigmoid_norm', beta: 2 } },
  { name: 'dpo sigmoid and sft, PiSSA', method: 'dpo', adapter: { init_lora_weights: 'pissa' }, train: { loss_type: 'sigmoid,sft', loss_weights: [1, 1] } },
  { name: 'dpo ipo, saved norms, biases', method: 'dpo', adapter: { modules_to_save: ['norm'], bias: 'all' }, train: { loss_type: 'ipo' } },
  { name: 'dpo sigmoid, from the first adapter', method: 'dpo', adapter: {}, from: 'dpo sigmoid, LoRA' },
  { name: 'simpo, LoRA', method: 'cpo', adapter: {}, train: { loss_type: 'simpo', cpo_alpha: 0, beta: 2, simpo_gamma: 1 } },
  { name: 'orpo, LoRA', method: 'orpo', adapter: {} },
];
const STEPS = 12, TRAIN = 96, ASKED = 40, MAX_LENGTH = 192;
/** Nats, on sums over an answer's tokens. */
const GOAL = 1e-3;

interface Peft { versions: Record<string, string>; cases: Record<string, { adapter: number[][]; merged: number[][]; base: number[][]; complaints: string[] }> }
const far = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number => Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? Number.NaN)))));
const marginOf = (sums: readonly (readonly number[])[]): number => sums.reduce((n, [chosen, rejected]) => n + chosen! - rejected!, 0) / sums.length;

async function main(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'peer-dpo-')), base = join(folder, 'base');
  try {
    cpSync(modelFolder, base, { recursive: true });
    const tokenizer = await Tokenizer.load(base), rows = examples(tokenizer, 'train').slice(0, TRAIN), asked: ExampleRow[] = examples(tokenizer, 'dev').slice(0, ASKED);
    const score = async (adapter: string | null): Promise<(readonly number[])[]> => (await scoreCompletions({ modelFolder: base, start: adapter === null ? null : { folder: adapter, kind: 'adapter' }, rows: asked, maxLength: MAX_LENGTH, threads: 2 })).map((s) => s.logps);
    const reference = await score(null), cases: { name: string; base: string; adapter: string; sums: (readonly number[])[]; margin: number; beta: number }[] = [];
    for (const { name, method, adapter, train, from } of CASES) {
      const config = METHODS[method].train.parse({ learning_rate: 1e-3, max_steps: STEPS, per_device_train_batch_size: 8, max_length: MAX_LENGTH, eval_steps: 0, save_steps: 0, ...train });
      const runFolder = join(folder, `run-${cases.length}`);
      mkdirSync(runFolder);
      let margin = Number.NaN;
      const { checkpoint } = await trainRun({
        method, config, adapter: loraAdapter.parse({ r: 8, lora_alpha: 16, ...adapter }), modelFolder: base, start: from === undefined ? null : { folder: cases.find((c) => c.name === from)!.adapter, kind: 'adapter' },
        rows, evalRows: asked, runFolder, resume: null, threads: 2, recipeHash: 'peer',
      }, (event) => { if (event.type === 'metric') margin = event.values['eval_rewards/margins'] ?? margin; });
      cases.push({ name, base, adapter: checkpoint!, sums: await score(checkpoint), margin, beta: 'beta' in config ? Number(config.beta) : 1 });
    }
    writeFileSync(join(folder, 'cases.json'), JSON.stringify({ rows: asked.map((row) => row.completions.map((c) => ({ ids: Array.from(c.ids), prompt: c.prompt }))), cases: cases.map(({ name, adapter }) => ({ name, base, adapter })) }));
    execFileSync(python, [join(import.meta.dirname, 'dpo_peft.py'), folder], { stdio: 'inherit' });
    const { versions, cases: theirs } = JSON.parse(readFileSync(join(folder, 'peft.json'), 'utf8')) as Peft;
    const figures: Figure[] = [];
    const add = (name: string, value: number, more: Record<string, string | number> = {}): void => { figures.push({ name, value, unit: 'nats, largest difference', target: { at: 'most', value: GOAL }, detail: { answers: 2 * ASKED, ...versions, ...more } }); };
    for (const c of cases) {
      const peft = theirs[c.name]!, moved = far(c.sums, reference);
      add(`${c.name}: loaded by PEFT`, far(c.sums, peft.adapter), { moved_by_training: moved, ...(peft.complaints.length > 0 ? { complaints: peft.complaints.join(' | ') } : {}) });
      add(`${c.name}: merged by PEFT`, far(c.sums, peft.merged));
      // The held-out margin as the run reported it is that of the adapter beside its base in one graph; the first adapter's rewards are measured against the base.
      if (c.name === 'dpo sigmoid, LoRA') {
        add(`${c.name}: base as PEFT has it with the adapter off`, far(reference, peft.base));
        add(`${c.name}: held-out reward margin of the run`, Math.abs(c.margin - c.beta * (marginOf(peft.adapter) - marginOf(peft.base))), { margin: c.margin });
      }
    }
    for (const f of figures) process.stdout.write(`${f.value < GOAL ? 'ok  ' : 'BAD '} ${f.value.toExponential(1)}  ${f.name}  ${JSON.stringify(f.detail)}\n`);
    record('peer-dpo', figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [python] = process.argv.slice(2);
if (python === undefined) {
  process.stderr.write('Usage: node bench/peer/dpo-adapters.ts <python with torch, transformers and peft>\n');
  process.exit(2);
}
await main(python);
