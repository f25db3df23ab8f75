/** Runs in a process of its own: trains a tiny model and answers with it on both providers, and says what differs and which nodes of the inner loops left the device. Prints JSON lines. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METHODS } from '../../src/shared/methods/index.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';
import { elementCount } from '../../src/main/engine/graph/dtype.ts';
import type { Graph, TypedArray } from '../../src/main/engine/graph/node.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { decodeGraph, prefillGraph } from '../../src/main/engine/generate/decode-graph.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters } from '../../src/main/engine/models/parameters.ts';
import { offDevice, recordPlacement } from '../../src/main/engine/runtime/placement.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { trainRun } from '../../src/main/engine/train/index.ts';
import { loadModel } from '../../src/main/engine/train/load.ts';
import type { TrainOptions } from '../../src/main/engine/train/options.ts';
import { prepareRun } from '../../src/main/engine/train/setup.ts';
import { TINY, tinyModel, tinyRows } from '../engine/tiny-model.ts';
import { asTree, buildStepGraph, feedsOf, loadTiny } from '../engine/step-evaluate.ts';

const say = (record: object): void => { process.stdout.write(`${JSON.stringify(record)}\n`); };
const folders: string[] = [];
const model = (config?: Record<string, unknown>): string => { const f = tinyModel(config); folders.push(f); return f; };
const llama = model();
/** Layers that divide into blocks of 4-bit weights. */
const wide = model({ ...TINY, hidden_size: 64, intermediate_size: 128 });

async function placement(name: string, graph: Graph, feeds: Record<string, TypedArray>): Promise<void> {
  const recorder = recordPlacement();
  const program = await compile(graph, { provider: 'webgpu', threads: 1, profile: recorder.profile });
  await program.run(feeds);
  await program.dispose();
  const nodes = recorder.read();
  say({ placement: name, nodes: nodes.length, off: offDevice(nodes).map((n) => `${n.op} ${n.name}`) });
}

async function stepPlacement(name: string, folder: string, lora: boolean, recompute: boolean): Promise<void> {
  const { loaded, values } = loadTiny(folder, lora);
  const shape = { rows: 2, length: 16, losses: 32 };
  const trained = Object.fromEntries(loaded.trainables.groups.map((g) => [`trainable:${g.name}`, Float32Array.from(values.subarray(g.offset, g.offset + g.length))]));
  await placement(name, buildStepGraph(loaded, shape, recompute, 'float32'), { ...feedsOf(tinyRows(2).map(asTree), shape, 0.125), ...trained });
}

async function losses(device: 'cpu' | 'webgpu', adapter: TrainOptions['adapter']): Promise<number[]> {
  const runFolder = mkdtempSync(join(tmpdir(), 'gpu-run-'));
  folders.push(runFolder);
  const config = METHODS.sft.train.parse({ learning_rate: 1e-2, max_steps: 4, per_device_train_batch_size: 4, eval_steps: 0, save_steps: 0 });
  const found: number[] = [];
  await trainRun({ method: 'sft', config, adapter, modelFolder: llama, start: null, rows: tinyRows(8), evalRows: [], runFolder, resume: null, threads: 1, recipeHash: 'r', device }, (e) => { if (e.type === 'metric' && e.values['loss'] !== undefined) found.push(e.values['loss'], e.values['grad_norm'] ?? NaN); });
  return found;
}

const fill = (g: Graph): Record<string, TypedArray> => Object.fromEntries(g.inputs.map((v) => {
  const n = elementCount(v.shape);
  return [v.name!, v.dtype === 'int32' ? new Int32Array(n).fill(1) : v.dtype === 'float32' ? Float32Array.from({ length: n }, (_, i) => Math.sin(i)) : new Uint8Array(n)];
}));

/** The step of a run as it is compiled; what is fed decides nothing of where it runs. */
async function runPlacement(name: string, method: 'sft' | 'dpo', adapter: TrainOptions['adapter']): Promise<void> {
  const rows: TrainOptions['rows'] = method === 'sft' ? tinyRows(4) : tinyRows(4).map((r, source) => ({ completions: [{ ids: r.ids, prompt: 2 }, { ids: [...Array.from(r.ids).slice(0, 3), 5, 6], prompt: 2 }], columns: {}, truncated: false, source }));
  const options: TrainOptions = { method, config: METHODS[method].train.parse({ per_device_train_batch_size: 2 }), adapter, modelFolder: wide, start: null, rows, evalRows: [], runFolder: llama, resume: null, threads: 1, recipeHash: 'r', device: 'webgpu' };
  const setup = prepareRun(options, loadModel(options));
  const graph = setup.pool.graph('train', { rows: setup.batchRows, ...setup.buckets.at(-1)! });
  await placement(name, graph, fill(graph));
}

try {
  await stepPlacement('SFT LoRA', llama, true, false);
  await stepPlacement('SFT full, recomputed', llama, false, true);
  await stepPlacement('qwen2 LoRA', model({ ...TINY, model_type: 'qwen2', tie_word_embeddings: false }), true, false);
  await runPlacement('DPO LoRA', 'dpo', loraAdapter.parse({ r: 4 }));
  await runPlacement('DoRA with dropout', 'sft', loraAdapter.parse({ r: 4, use_dora: true, lora_dropout: 0.1 }));
  await runPlacement('QLoRA', 'sft', loraAdapter.parse({ r: 4, load_in_4bit: true }));
  const folder = openModelFolder(llama), parsed = parseModel(folder.config), source = { model: parsed, weights: checkParameters(parsed, folder.tensors) };
  for (const [name, graph] of [['prefill', prefillGraph(source, 2, 16)], ['decode', decodeGraph(source, 2, 64)]] as const) await placement(name, graph, fill(graph));
  for (const [name, adapter] of [['LoRA', loraAdapter.parse({ r: 4 })], ['full', null]] as const) say({ training: name, cpu: await losses('cpu', adapter), webgpu: await losses('webgpu', adapter) });
  const answers = async (device: 'cpu' | 'webgpu'): Promise<object> => {
    const generator = createGenerator(source, { threads: 1, device });
    const made = await generator.generateBatch({ prompts: [[2, 5, 9, 13], [3]], sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: 12 });
    await generator.dispose();
    return made.map((m) => ({ tokens: m.tokens, logprobs: m.logprobs }));
  };
  say({ generation: true, cpu: await answers('cpu'), webgpu: await answers('webgpu') });
  say({ done: true });
} catch (e) { say({ error: e instanceof Error ? e.message : String(e) }); process.exitCode = 1; }
finally { for (const f of folders) rmSync(f, { recursive: true, force: true }); }
