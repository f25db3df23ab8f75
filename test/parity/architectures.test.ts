/** Every built architecture against numbers recorded from transformers: parameter count, mean NLL, logits; in the float64 interpreter and in onnxruntime. */

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph, type Real } from '../../src/main/engine/graph/node.ts';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { headLogits } from '../../src/main/engine/models/head.ts';
import { parseModel } from '../../src/main/engine/models/index.ts';
import { checkParameters, fileParameters, parameterCount } from '../../src/main/engine/models/parameters.ts';
import { rowContext } from '../../src/main/engine/models/row-context.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { createGenerator } from '../../src/main/engine/generate/index.ts';
import { optimize } from '../../src/main/engine/graph/passes/index.ts';
import { engineMethod } from '../../src/main/engine/methods/index.ts';
import { collate } from '../../src/main/engine/train/batch.ts';
import { initialValues, loadModel } from '../../src/main/engine/train/load.ts';
import { buildStep } from '../../src/main/engine/train/step-graph.ts';
import { trainableFeeds } from '../../src/main/engine/train/trainables.ts';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { ARCHITECTURES, MORE_ARCHITECTURES, goldenArch, writeGoldenModel } from './golden-model.ts';

const IDS = [2, 5, 9, 13, 17, 21, 25, 29];
const folders: string[] = [];
afterAll(() => { for (const f of folders) rmSync(f, { recursive: true, force: true }); });

function logitsGraph(folder: string, real: Real): { graph: Graph; parameters: number } {
  const source = openModelFolder(folder);
  const model = parseModel(source.config);
  const graph = new Graph({ real });
  const parameter = fileParameters(graph, checkParameters(model, source.tensors));
  const T = IDS.length;
  const ids = graph.input('ids', [1, T], 'int32');
  const positions = graph.input('positions', [1, T], 'int32');
  const hidden = model.family.hidden(rowContext(graph, parameter, { batch: 1, length: T }), model.config, { ids, positions });
  graph.output('logits', headLogits(model.config, hidden, parameter(model.family.headWeight(model.config))));
  return { graph, parameters: parameterCount(model.family.parameters(model.config)) };
}

function check(arch: string, logits: ArrayLike<number>): void {
  const golden = goldenArch(arch);
  const V = 32;
  const row = (r: number): number[] => Array.from({ length: V }, (_, i) => logits[r * V + i]!);
  row(IDS.length - 1).slice(0, 6).forEach((x, i) => expect(x).toBeCloseTo(golden.last_logits_0_5[i]!, 4));
  row(0).slice(0, 4).forEach((x, i) => expect(x).toBeCloseTo(golden.first_logits_0_3[i]!, 4));
  let nll = 0;
  for (let t = 0; t + 1 < IDS.length; t++) {
    const r = row(t);
    nll += Math.log(r.reduce((s, x) => s + Math.exp(x), 0)) - r[IDS[t + 1]!]!;
  }
  expect(Math.abs(nll / (IDS.length - 1) / golden.nll - 1)).toBeLessThan(3e-6);
}

describe.each(Object.keys(ARCHITECTURES))('%s', (arch) => {
  const folder = writeGoldenModel(arch);
  folders.push(folder);
  const feeds = { ids: Int32Array.from(IDS), positions: Int32Array.from(IDS, (_, i) => i) };

  it('matches transformers in the float64 interpreter', () => {
    const { graph, parameters } = logitsGraph(folder, 'float64');
    expect(parameters).toBe(goldenArch(arch).n_params);
    check(arch, interpret(graph, feeds)['logits']!.data);
  });

  it('matches transformers in onnxruntime', async () => {
    const program = await compile(logitsGraph(folder, 'float32').graph, { threads: 1 });
    const out = await program.run(feeds);
    check(arch, out['logits']!.data as Float32Array);
    await program.dispose();
  });
});

describe.each(MORE_ARCHITECTURES)('$arch', ({ arch, grad_norm: norm, prompts, greedy }) => {
  it('has the gradient that transformers has', () => {
    const folder = writeGoldenModel(arch);
    folders.push(folder);
    const loaded = loadModel({ modelFolder: folder, start: null, adapter: null });
    const shape = { rows: 1, length: IDS.length, losses: IDS.length };
    const graph = buildStep({ model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method: engineMethod('sft'), config: sftTrain.parse({}), shape, kind: 'train', real: 'float64' });
    const values = initialValues(loaded, { start: null, config: sftTrain.parse({}) });
    const out = interpret(optimize(graph), { ...collate([{ tree: [{ parent: -1, ids: IDS, targets: IDS.map(() => 1) }], columns: [] }], shape, { token: 1 / (IDS.length - 1), share: 1 }).feeds, ...trainableFeeds(loaded.trainables, values) });
    expect(Math.abs(out['loss']!.data[0]! / goldenArch(arch).nll - 1)).toBeLessThan(3e-6);
    const own = Math.sqrt(Object.entries(out).reduce((sum, [name, value]) => sum + (name.startsWith('gradient:') ? value.data.reduce((s, x) => s + x * x, 0) : 0), 0));
    expect(Math.abs(own / norm - 1)).toBeLessThan(2e-5);
  });

  it('continues prompts greedily as transformers does', async () => {
    const source = openModelFolder(writeGoldenModel(arch));
    folders.push(source.path);
    const model = parseModel(source.config);
    const generator = createGenerator({ model, weights: checkParameters(model, source.tensors) }, { threads: 1 });
    const made = await generator.generateBatch({ prompts: prompts.map((p) => p.slice(0, model.config.maxPositions - 1)), sampling: { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 }, maxNewTokens: 10 });
    await generator.dispose();
    // The row of the dynamic scaling has a context of five, which generation does not leave.
    const fits = model.config.maxPositions > 20;
    made.forEach((g, i) => { if (fits || prompts[i]!.length < model.config.maxPositions) expect(g.tokens).toEqual(greedy[i]!.slice(0, model.config.maxPositions - prompts[i]!.length)); });
  });
});
