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
import { ARCHITECTURES, goldenArch, writeGoldenModel } from './golden-model.ts';

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
