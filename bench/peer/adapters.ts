/** Adapters there and back: each kind is trained here for a few steps and loaded by real PEFT, and made by PEFT and read here; logits are compared, also after PEFT's own merge. Figures go to bench/results/adapters-peft.jsonl.
 * Run: node bench/peer/adapters.ts <python with torch, transformers and peft> */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter, type LoraAdapter } from '../../src/shared/schema/recipe.ts';
import { prefillGraph } from '../../src/main/engine/generate/decode-graph.ts';
import { LiveWeights } from '../../src/main/engine/generate/live-weights.ts';
import { readPeftAdapter } from '../../src/main/engine/io/peft-adapter.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { initModel } from '../../src/main/engine/train/init-model.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import { record, type Figure } from '../figure.ts';

const TINY = { vocab_size: 64, hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-6, initializer_range: 0.2, eos_token_id: 1, bos_token_id: null, pad_token_id: 0 };
const MODELS = {
  llama: { ...TINY, model_type: 'llama', architectures: ['LlamaForCausalLM'], tie_word_embeddings: true },
  qwen2: { ...TINY, model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'], tie_word_embeddings: false },
  gpt2: { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], vocab_size: 64, n_embd: 32, n_layer: 2, n_head: 4, n_positions: 64, n_ctx: 64, initializer_range: 0.2, eos_token_id: 1, bos_token_id: 1 },
};
type ModelName = keyof typeof MODELS;
const PROMPTS = [[2, 5, 9, 13], [17], [21, 25, 29, 33, 37, 41, 45, 49, 53, 3, 7, 11], [60, 4, 8]];

const OURS: [string, ModelName, Partial<LoraAdapter>][] = [
  ['LoRA', 'llama', {}], ['rsLoRA', 'qwen2', { use_rslora: true }], ['DoRA', 'llama', { use_dora: true }], ['DoRA, rsLoRA, biases of adapted layers', 'qwen2', { use_dora: true, use_rslora: true, bias: 'lora_only' }],
  ['all biases', 'qwen2', { bias: 'all', target_modules: ['q_proj', 'down_proj'] }], ['patterns', 'llama', { rank_pattern: { q_proj: 8, 'layers\\.1\\.mlp\\..*': 2 }, alpha_pattern: { v_proj: 3 } }],
  ['left-out modules and layers', 'llama', { exclude_modules: ['down_proj'], layers_to_transform: [1] }], ['saved head, embedding and norms', 'qwen2', { modules_to_save: ['lm_head', 'embed_tokens', 'norm'] }],
  ['saved head of a tied model', 'llama', { modules_to_save: ['lm_head'] }], ['saved embedding of a tied model', 'llama', { modules_to_save: ['embed_tokens'] }],
  ['PiSSA', 'llama', { init_lora_weights: 'pissa' }], ['PiSSA, rsLoRA, patterns', 'qwen2', { init_lora_weights: 'pissa_niter_4', use_rslora: true, rank_pattern: { q_proj: 2 } }], ['OLoRA', 'qwen2', { init_lora_weights: 'olora' }],
  ['DoRA from PiSSA', 'llama', { init_lora_weights: 'pissa', use_dora: true }], ['orthogonal', 'llama', { init_lora_weights: 'orthogonal' }], ['gpt2 LoRA', 'gpt2', {}], ['gpt2 DoRA, all biases', 'gpt2', { use_dora: true, bias: 'all' }],
];
const THEIRS: [string, ModelName, Record<string, unknown>][] = [
  ['defaults', 'llama', {}], ['DoRA on all linear layers', 'qwen2', { use_dora: true, target_modules: 'all-linear', r: 4, lora_alpha: 16 }], ['biases and saved modules', 'qwen2', { bias: 'all', modules_to_save: ['lm_head', 'norm'], r: 4 }],
  ['patterns, rsLoRA', 'llama', { target_modules: 'all-linear', rank_pattern: { q_proj: 2 }, alpha_pattern: { '^model.layers.0.*': 24 }, use_rslora: true, r: 4 }], ['pattern of targets', 'llama', { target_modules: String.raw`.*layers\.1\..*_proj`, r: 3 }],
  ['gpt2 DoRA', 'gpt2', { use_dora: true, r: 4, fan_in_fan_out: true }], ['saved embedding of a tied model', 'llama', { modules_to_save: ['embed_tokens'] }],
];

type Logits = Record<string, { logits: number[][]; merged?: number[][]; complaints?: string[] }>;

async function ourLogits(folder: string, adapter: string): Promise<number[][]> {
  const { model, weights } = loadModel({ modelFolder: folder, start: null, adapter: null });
  const source = { model, weights, adapter: readPeftAdapter(adapter) };
  const live = new LiveWeights(source, 1);
  const feeds = await live.feeds();
  const rows: number[][] = [];
  for (const prompt of PROMPTS) {
    const program = await compile(prefillGraph(source, 1, prompt.length), { threads: 1 });
    const out = await program.run({ ...feeds, ids: Int32Array.from(prompt), positions: Int32Array.from(prompt, (_, i) => i), last: Int32Array.of(prompt.length - 1) }, ['logits']);
    rows.push([...(out['logits']!.data as Float32Array)]);
    await program.dispose();
  }
  await live.dispose();
  return rows;
}

function farthest(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - b[i]![j]!))));
}

async function main(python: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'adapters-peft-'));
  const call = (mode: string): void => { execFileSync(python, [join(import.meta.dirname, 'adapters_peft.py'), mode, folder], { stdio: 'inherit' }); };
  try {
    const models = Object.fromEntries(Object.entries(MODELS).map(([name, config]) => { const path = join(folder, name); initModel(config, path, 3); return [name, path]; }));
    const random = new Random(5);
    const rows = Array.from({ length: 8 }, (_, source) => ({ ids: Int32Array.from({ length: 12 }, () => 2 + random.below(60)), mask: new Uint8Array(12).fill(1), truncated: false, source }));
    const config = sftTrain.parse({ learning_rate: 1e-2, max_steps: 5, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 });
    const cases: { name: string; model: string; adapter: string }[] = [];
    for (const [name, model, more] of OURS) {
      const runFolder = join(folder, `run-${cases.length}`);
      mkdirSync(runFolder);
      const { checkpoint } = await trainRun({ method: 'sft', config, adapter: loraAdapter.parse({ r: 4, lora_alpha: 8, ...more }), modelFolder: models[model]!, start: null, rows, evalRows: [], runFolder, resume: null, threads: 1, recipeHash: 'peer' }, () => undefined);
      cases.push({ name, model: models[model]!, adapter: checkpoint! });
    }
    writeFileSync(join(folder, 'cases.json'), JSON.stringify({ prompts: PROMPTS, cases }));
    call('check');
    const wanted = THEIRS.map(([name, model, config2], i) => ({ name, model: models[model]!, config: config2, adapter: join(folder, `theirs-${i}`) }));
    writeFileSync(join(folder, 'wanted.json'), JSON.stringify({ prompts: PROMPTS, cases: wanted }));
    call('make');
    const checked = JSON.parse(readFileSync(join(folder, 'peft.json'), 'utf8')) as { versions: Record<string, string>; cases: Logits };
    const made = (JSON.parse(readFileSync(join(folder, 'made.json'), 'utf8')) as { cases: Logits }).cases;
    const figures: Figure[] = [];
    const add = (name: string, value: number, detail: Record<string, string | number> = {}): void => { figures.push({ name, value, unit: 'largest logit difference', target: { at: 'most', value: 1e-4 }, detail: { ...checked.versions, ...detail } }); };
    for (const { name, model, adapter } of cases) {
      const own = await ourLogits(model, adapter), theirs = checked.cases[name]!;
      add(`written here, loaded by PEFT: ${name}`, farthest(own, theirs.logits), theirs.complaints!.length > 0 ? { complaints: theirs.complaints!.join(' | ') } : {});
      add(`written here, merged by PEFT: ${name}`, farthest(own, theirs.merged!));
    }
    for (const { name, model, adapter } of wanted) add(`written by PEFT, read here: ${name}`, farthest(await ourLogits(model, adapter), made[name]!.logits));
    for (const f of figures) process.stdout.write(`${f.value < 1e-4 ? 'ok  ' : 'BAD '} ${f.value.toExponential(1)}  ${f.name}${f.detail?.['complaints'] === undefined ? '' : `  (${String(f.detail['complaints'])})`}\n`);
    record('adapters-peft', figures);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [python] = process.argv.slice(2);
if (python === undefined) {
  process.stderr.write('Usage: node bench/peer/adapters.ts <python with torch, transformers and peft>\n');
  process.exit(2);
}
await main(python);
