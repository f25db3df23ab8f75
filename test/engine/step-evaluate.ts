/** Evaluates step graphs of tiny models in the float64 interpreter: loss and gradients of token trees, and their worst distance from central differences. */

import { interpret } from '../../src/main/engine/graph/interpret.ts';
import type { Graph, Real, TypedArray } from '../../src/main/engine/graph/node.ts';
import { deadCode, optimize } from '../../src/main/engine/graph/passes/index.ts';
import { engineMethod } from '../../src/main/engine/methods/index.ts';
import { Random } from '../../src/main/engine/nn/random.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { collate, type BatchShape } from '../../src/main/engine/train/batch.ts';
import { initialValues, loadModel, type LoadedModel } from '../../src/main/engine/train/load.ts';
import { buildStep } from '../../src/main/engine/train/step-graph.ts';
import type { Segment, TokenTree } from '../../src/main/engine/train/token-tree.ts';
import { sftTrain } from '../../src/shared/methods/sft.ts';
import { loraAdapter } from '../../src/shared/schema/recipe.ts';

const config = sftTrain.parse({});
const method = engineMethod('sft');

export type Feeds = Record<string, TypedArray>;
export interface Evaluated { loss: number; grads: Float64Array }

export function buildStepGraph(loaded: LoadedModel, shape: BatchShape, recompute: boolean | 'cheap' | 'attention' = false, real: Real = 'float64'): Graph {
  return optimize(buildStep({ model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method, config, shape, kind: 'train', real }), { recompute });
}

/** The step as a run takes it: float32 in onnxruntime. */
export async function evaluateCompiled(loaded: LoadedModel, shape: BatchShape, values: Float64Array, feeds: Feeds): Promise<Evaluated> {
  const program = await compile(buildStepGraph(loaded, shape, false, 'float32'), { threads: 1 });
  const out = await program.run({ ...feeds, ...Object.fromEntries(Object.entries(trainableInputs(loaded, values)).map(([name, data]) => [name, Float32Array.from(data)])) });
  await program.dispose();
  const grads = new Float64Array(loaded.trainables.length);
  for (const g of loaded.trainables.groups) grads.set(out[`gradient:${g.name}`]!.data as Float32Array, g.offset);
  return { loss: Number(out['loss']!.data[0]), grads };
}

export function loadTiny(folder: string, lora: boolean, dropout = 0): { loaded: LoadedModel; values: Float64Array } {
  // Random B too: at the usual start (B = 0) half of the gradient vanishes.
  const adapter = lora ? loraAdapter.parse({ r: 2, init_lora_weights: false, lora_dropout: dropout }) : null;
  const loaded = loadModel({ modelFolder: folder, start: null, adapter });
  return { loaded, values: Float64Array.from(initialValues(loaded, { start: null, config })) };
}

export function evaluate(graph: Graph, loaded: LoadedModel, values: Float64Array, feeds: Feeds): Evaluated {
  const { groups, length } = loaded.trainables;
  const out = interpret(graph, { ...feeds, ...trainableInputs(loaded, values) });
  const grads = new Float64Array(length);
  for (const g of groups) grads.set(out[`gradient:${g.name}`]!.data, g.offset);
  return { loss: out['loss']!.data[0]!, grads };
}

function trainableInputs({ trainables }: LoadedModel, values: Float64Array): Record<string, Float64Array> {
  return Object.fromEntries(trainables.groups.map((g) => [`trainable:${g.name}`, values.subarray(g.offset, g.offset + g.length)]));
}

/** Worst relative distance of `count` random gradient entries from fourth-order central differences. The graph is left with its loss alone. */
export function differenceError(graph: Graph, loaded: LoadedModel, values: Float64Array, feeds: Feeds, count = 40): number {
  const { grads } = evaluate(graph, loaded, values, feeds);
  for (const name of graph.outputs.keys()) if (name !== 'loss') graph.outputs.delete(name);
  const forward = deadCode(graph);
  const random = new Random(11);
  const typical = Math.hypot(...grads) / Math.sqrt(grads.length);
  let worst = 0;
  for (let n = 0; n < count; n++) {
    const i = random.below(values.length);
    const kept = values[i]!;
    const at = (x: number): number => {
      values[i] = x;
      return interpret(forward, { ...feeds, ...trainableInputs(loaded, values) })['loss']!.data[0]!;
    };
    const h = 1e-5;
    const numeric = (8 * (at(kept + h) - at(kept - h)) - (at(kept + 2 * h) - at(kept - 2 * h))) / (12 * h);
    values[i] = kept;
    worst = Math.max(worst, Math.abs(numeric - grads[i]!) / Math.max(Math.abs(grads[i]!), typical));
  }
  return worst;
}

export const root = (ids: ArrayLike<number>, targets: ArrayLike<number>): Segment => ({ parent: -1, ids, targets });
export const asTree = (row: { ids: ArrayLike<number>; mask: ArrayLike<number> }): TokenTree => [root(row.ids, row.mask)];
export const feedsOf = (trees: readonly TokenTree[], shape: BatchShape, weight: number, pad = 0): Feeds => ({ ...collate(trees.map((tree) => ({ tree, columns: [] })), shape, { token: weight, share: 1 }, 0, pad).feeds });
