// Writes resources/demo/model/README.md from what was measured: the training log, the files, and the result of sft-check.ts on the held-out rows.
// Run: node scripts/demo/model-card.ts "2 cores of an AMD EPYC (Zen 5)", after pretrain.ts and sft-check.ts --heldout --json resources/demo/sft-result.json (or the figures of `npm run demo` in that form).

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensorsHeader } from '../../src/main/engine/io/safetensors-header.ts';
import type { DemoAlignment } from '../../src/shared/schema/demo-alignment.ts';
import { demoFolder, readManifest } from './manifest.ts';
import { modelConfig, pretrainConfig, pretrainSeed } from './model/config.ts';
import { modelFolder } from './train-bpe.ts';

interface LogLine { readonly stage: 'primer' | 'corpus'; readonly step: number; readonly tokens: number; readonly seconds?: number; readonly loss?: number; readonly eval_loss?: number; readonly eval_accuracy?: number }
interface Measured { readonly right: number; readonly n: number; readonly low: number; readonly high: number; readonly firstLine?: number; readonly seconds?: number; readonly byTask: Readonly<Record<string, string>> }
export interface SftResult { readonly split: string; readonly base: Measured; readonly tuned: Measured; readonly training: { readonly steps: number; readonly tokens: number; readonly seconds: number } }

type Share = DemoAlignment['categories'][number]['win_rate'];
/** What dpo-check.ts writes. */
interface DpoResult { readonly categories: DemoAlignment['categories']; readonly exact_match: Readonly<Record<'tuned' | 'aligned', { readonly right: number; readonly n: number; readonly low: number; readonly high: number }>>; readonly training: { readonly steps: number; readonly seconds: number } }

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const millions = (n: number): string => `${(n / 1e6).toFixed(2)} million`;
const result = (m: Measured): string => `${m.right} of ${m.n}: ${percent(m.right / m.n)}, 95 % interval ${percent(m.low)} to ${percent(m.high)} (Wilson)`;

export function makeCard(machine: string): string {
  const log = readFileSync(join(modelFolder, 'training-log.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as LogLine);
  const steps = log.filter((line) => line.loss !== undefined && line.stage === 'corpus');
  const primer = log.filter((line) => line.loss !== undefined && line.stage === 'primer').at(-1);
  const evaluations = log.filter((line) => line.eval_loss !== undefined);
  const last = steps.at(-1);
  const tail = steps.slice(-50);
  const weights = join(modelFolder, 'model.safetensors');
  const parameters = [...readSafetensorsHeader(weights).tensors.values()].reduce((sum, tensor) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0);
  const config = pretrainConfig(last?.tokens ?? 1, 'corpus');
  const { corpus } = readManifest();
  const resultPath = join(demoFolder, 'sft-result.json');
  const sft = existsSync(resultPath) ? (JSON.parse(readFileSync(resultPath, 'utf8')) as SftResult) : null;
  const lines = [
    '---', 'license: apache-2.0', 'language: [en, zh]', 'pipeline_tag: text-generation', '---', '',
    '# Anneal demo base', '',
    `A small Llama-architecture language model that knows one made-up town. It continues text and follows no instructions: it is what the demo fine-tunes. Not meant for any other use.`, '',
    `- **Shape**: ${parameters.toLocaleString('en')} parameters: ${String(modelConfig['num_hidden_layers'])} layers of width ${String(modelConfig['hidden_size'])}, ${String(modelConfig['num_attention_heads'])} heads and ${String(modelConfig['num_key_value_heads'])} key-value heads of ${String(modelConfig['head_dim'])}, feed-forward width ${String(modelConfig['intermediate_size'])}, vocabulary ${String(modelConfig['vocab_size'])}, tied embeddings, ${String(modelConfig['max_position_embeddings'])} positions. Half-precision safetensors, ${(statSync(weights).size / 1e6).toFixed(1)} MB.`,
    `- **Corpus**: generated (\`resources/demo/README.md\`), seed ${readManifest().seed}, ${corpus.documents.toLocaleString('en')} documents, sha256 \`${corpus.sha256}\`; trained on its first ${millions(last?.tokens ?? 0)} tokens, once, after a first lesson of ${millions(primer?.tokens ?? 0)} tokens in which everything is said twice (\`scripts/demo/corpus/primer.ts\`).`,
    `- **Training**: Anneal's own loop in float32, seed ${pretrainSeed}, ${last?.step} steps of ${config.per_device_train_batch_size} rows of ${config.max_length} tokens with isolated documents; AdamW (0.9, ${config.adam_beta2}), weight decay ${config.weight_decay}, rate ${config.learning_rate}, ${config.warmup_steps} steps of warm-up, then constant, falling over the last 30 %. ${(((last?.seconds ?? 0) + (primer?.seconds ?? 0)) / 60).toFixed(1)} minutes of training time on ${machine}, shared with other work.`,
    `- **Loss**: ${primer?.loss} at the end of the first lesson; ${(tail.reduce((sum, line) => sum + (line.loss ?? 0), 0) / Math.max(1, tail.length)).toFixed(3)} over the last ${tail.length} steps; ${evaluations.at(-1)?.eval_loss} on 400 documents that were not trained on (token accuracy ${evaluations.at(-1)?.eval_accuracy}). Every step is in \`training-log.jsonl\`.`,
    '',
  ];
  if (sft === null) lines.push('The fine-tuning result has not been measured for these weights.', '');
  else {
    lines.push(
      '## What fine-tuning makes of it', '',
      `Exact match on the ${sft.tuned.n} held-out rows, greedy, at most 48 new tokens, the whole answer compared; \`resources/demo/recipe.yaml\`, measured on ${machine}.`, '',
      `- base: ${result(sft.base)}${sft.base.firstLine === undefined ? '' : `. Of its answers ${sft.base.firstLine} begin with a line that is right`}`,
      `- tuned: ${result(sft.tuned)}`,
      `- fine-tuning took ${sft.training.seconds.toFixed(0)} s (${sft.training.steps} steps, ${millions(sft.training.tokens)} tokens)${sft.base.seconds === undefined || sft.tuned.seconds === undefined ? '' : `, the answers of base and tuned model ${sft.base.seconds.toFixed(0)} s and ${sft.tuned.seconds.toFixed(0)} s`}`, '',
      '| task | base | tuned |', '| --- | --- | --- |',
      ...Object.keys(sft.tuned.byTask).map((task) => `| ${task} | ${sft.base.byTask[task]} | ${sft.tuned.byTask[task]} |`), '',
    );
  }
  const alignedPath = join(demoFolder, 'dpo-result.json');
  if (existsSync(alignedPath)) lines.push(...alignmentLines(JSON.parse(readFileSync(alignedPath, 'utf8')) as DpoResult, machine));
  return lines.join('\n');
}

function alignmentLines({ categories, exact_match: exact, training }: DpoResult, machine: string): string[] {
  const all = categories.at(-1), shown = ({ value, low, high }: Share): string => `${percent(value)} (${percent(low)} to ${percent(high)})`;
  if (!all) return [];
  return [
    '## What alignment makes of the tuned model', '',
    `Direct preference optimisation on the preference pairs, \`resources/demo/dpo-recipe.yaml\`, measured on ${all.n} held-out pairs by \`scripts/demo/dpo-check.ts\`; 95 % intervals (Wilson) in brackets. ${training.steps} steps, ${training.seconds.toFixed(0)} s on ${machine}, shared with other work.`, '',
    `- pairs ranked right by the reward (log-ratio to the tuned model, 50 % before by construction): ${shown(all.reward_accuracy)}`,
    `- pairs ranked right by log-probability per token: ${shown(all.likelihood_before)} before, ${shown(all.likelihood_after)} after`,
    `- greedy answers against those of the tuned model, judged by the rules of \`src/main/eval/judge/manners.ts\`, ties counted half (${all.ties} ties): ${shown(all.win_rate)} won`,
    `- answers that keep every rule: ${shown(all.passed_before)} before, ${shown(all.passed_after)} after`,
    `- what it costs: exact match on the instruction rows falls from ${exact.tuned.right} to ${exact.aligned.right} of ${exact.aligned.n} (${percent(exact.aligned.low)} to ${percent(exact.aligned.high)})`, '',
    '| category | pairs | ranked right | won | good answers before | after |', '| --- | --- | --- | --- | --- | --- |',
    ...categories.map((c) => `| ${c.task} | ${c.n} | ${shown(c.reward_accuracy)} | ${shown(c.win_rate)} | ${shown(c.passed_before)} | ${shown(c.passed_after)} |`), '',
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(modelFolder, 'README.md'), makeCard(process.argv[2] ?? 'an unnamed machine'));
