// Pre-trains the demo model with Anneal's own training loop and writes it as half-precision safetensors to resources/demo/model.
// Run: node scripts/demo/pretrain.ts [tokens in millions], after make-corpus.ts and train-bpe.ts. Stopped at any moment, it goes on from its last checkpoint;
// `node scripts/demo/pretrain.ts publish` writes that checkpoint as it is.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { writeModelFiles } from '../../src/main/engine/io/save-model.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint.ts';
import type { EncodedRow, TrainEvent } from '../../src/main/engine/train/index.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import { modelConfig, pretrainConfig, pretrainSeed, pretrainThreads, pretrainTokens, primerTokens } from './model/config.ts';
import { corpusRows, countTokens, fastEncoder, primerRows, readCorpus } from './pretrain-data.ts';
import { makeTokenizerFiles, modelFolder } from './train-bpe.ts';

const workFolder = fileURLToPath(new URL('../../.cache/demo/pretrain/', import.meta.url));
const startFolder = join(workFolder, 'start');
const logOf = (stage: Stage): string => join(workFolder, `${stage}-log.jsonl`);
const round = (value: number | undefined, digits: number): number | null => (value === undefined ? null : Number(value.toFixed(digits)));

/** One line a step with the loss, one line an evaluation; a resumed run repeats no step. */
class TrainingLog {
  readonly #lines: Map<string, string>;
  readonly #path: string;
  constructor(path: string, upTo: number) {
    this.#path = path;
    const old = upTo > 0 && existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    this.#lines = new Map();
    for (const line of old) {
      const { step, eval_loss } = JSON.parse(line) as { step: number; eval_loss?: number };
      if (step <= upTo) this.#lines.set(`${step}${eval_loss === undefined ? '' : ' eval'}`, line);
    }
  }
  add(event: Extract<TrainEvent, { type: 'metric' }>): void {
    const { step, tokens, seconds, values } = event;
    const evaluated = values['eval_loss'] !== undefined;
    const line = evaluated
      ? { step, tokens, eval_loss: round(values['eval_loss'], 4), eval_accuracy: round(values['eval_mean_token_accuracy'], 4) }
      : { step, tokens, seconds: round(seconds, 1), loss: round(values['loss'], 4), grad_norm: round(values['grad_norm'], 3), learning_rate: round(values['learning_rate'], 7) };
    this.#lines.set(`${step}${evaluated ? ' eval' : ''}`, JSON.stringify(line));
    if (step % 25 === 0) console.log(JSON.stringify(line));
  }
  text(): string { return `${[...this.#lines.values()].join('\n')}\n`; }
  save(): void { writeFileSync(this.#path, this.text()); }
}

function prepareStart(): void {
  if (existsSync(join(startFolder, 'model.safetensors'))) return;
  const count = initModel(modelConfig, startFolder, pretrainSeed);
  for (const [name, text] of makeTokenizerFiles()) writeFileSync(join(startFolder, name), text);
  console.log(`${count} parameters`);
}

/** Writes the weights of a checkpoint as half precision beside the tokenizer files of resources/demo/model. */
function publish(checkpoint: string): void {
  const source = openModelFolder(checkpoint);
  const model = parseModel(source.config);
  const tensors = checkParameters(model, source.tensors);
  const weights = model.family.parameters(model.config).map((spec) => ({ name: spec.name, shape: spec.shape, data: () => readTensorFloats(tensors.get(spec.name)!) }));
  writeModelFiles(modelFolder, modelConfig, weights, 'F16');
  for (const [name, text] of makeTokenizerFiles()) writeFileSync(join(modelFolder, name), text);
  const lines = (['primer', 'corpus'] as const).flatMap((stage) => readFileSync(logOf(stage), 'utf8').trimEnd().split('\n').map((line) => JSON.stringify({ stage, ...(JSON.parse(line) as object) })));
  writeFileSync(join(modelFolder, 'training-log.jsonl'), `${lines.join('\n')}\n`);
}

type Stage = 'primer' | 'corpus';
const stepOf = (checkpoint: string | null): number => (checkpoint === null ? 0 : Number(/\d+$/.exec(checkpoint)?.[0]));

/** Runs one stage to its end, from its last checkpoint if there is one; returns the final checkpoint. */
async function runStage(stage: Stage, from: string, rows: readonly EncodedRow[], evalRows: readonly EncodedRow[]): Promise<string> {
  const runFolder = join(workFolder, stage);
  mkdirSync(runFolder, { recursive: true });
  const tokens = countTokens(rows);
  const config = pretrainConfig(tokens, stage);
  console.log(`${stage}: ${rows.length} documents, ${tokens} tokens, ${config.max_steps} steps`);
  const resume = listCheckpoints(runFolder).at(-1) ?? null;
  const done = stepOf(resume);
  if (resume !== null && done === config.max_steps) return resume;
  const log = new TrainingLog(logOf(stage), done);
  const outcome = await trainRun({
    method: 'sft', config, adapter: null, modelFolder: from, start: null, rows, evalRows, runFolder, resume, threads: pretrainThreads, recipeHash: `${stage} ${tokens}`,
  }, (event) => {
    if (event.type === 'metric') log.add(event);
    if (event.type === 'checkpoint') log.save();
  });
  if (outcome.error !== null || outcome.checkpoint === null) throw outcome.error ?? new Error('the run left no checkpoint');
  log.save();
  return outcome.checkpoint;
}

async function pretrain(tokens: number): Promise<void> {
  mkdirSync(startFolder, { recursive: true });
  prepareStart();
  const tokenizer = await Tokenizer.load(startFolder);
  const texts = readCorpus();
  const encode = fastEncoder(tokenizer);
  for (const text of texts.slice(0, 500)) {
    if (encode(text).join() !== tokenizer.encode(text, { addSpecial: false }).join()) throw new Error(`word by word, the tokenizer gives other ids for: ${text}`);
  }
  const primed = await runStage('primer', startFolder, primerRows(tokenizer, primerTokens), []);
  const { rows, evalRows } = corpusRows(texts, tokenizer, tokens, 400);
  publish(await runStage('corpus', primed, rows, evalRows));
  console.log(`written to ${modelFolder}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what] = process.argv.slice(2);
  const latest = listCheckpoints(join(workFolder, 'corpus')).at(-1);
  if (what !== 'publish') await pretrain(what === undefined ? pretrainTokens : Number(what) * 1e6);
  else if (latest !== undefined) publish(latest);
  else throw new Error('there is no checkpoint to publish yet');
}
