/** Logits after every token of one sequence, [tokens, vocabulary], as the app computes them. */
import { generationSource } from '../../src/main/engine/export/proof/answerer.ts';
import type { ExportSource } from '../../src/main/engine/export/source.ts';
import { LiveWeights, weightValues } from '../../src/main/engine/generate/live-weights.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import { optimize } from '../../src/main/engine/graph/passes/index.ts';
import { headLogits } from '../../src/main/engine/models/head.ts';
import { rowContext } from '../../src/main/engine/models/row-context.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';

export async function logitsOfAll(source: ExportSource, ids: readonly number[], threads: number): Promise<Float32Array> {
  const from = generationSource(source), graph = new Graph(), { family, config } = source.model, length = ids.length;
  const { parameter, linear, head } = weightValues(graph, from);
  const hidden = family.hidden(rowContext(graph, parameter, { batch: 1, length }, linear), config, { ids: graph.input('ids', [1, length], 'int32'), positions: graph.input('positions', [1, length], 'int32') });
  graph.output('logits', headLogits(config, hidden, head()));
  const live = new LiveWeights(from, threads), program = await compile(optimize(graph), { threads, prepack: false });
  try {
    const out = await program.run({ ...(await live.feeds()), ids: Int32Array.from(ids), positions: Int32Array.from({ length }, (_, i) => i) });
    return out['logits']?.data as Float32Array;
  } finally { await program.dispose(); await live.dispose(); }
}
