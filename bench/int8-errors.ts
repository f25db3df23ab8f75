/**
 * What 8 bit does to one step of LoRA SFT on real rows (packed, 512 slots): relative error of every frozen product, loss, direction of the whole adapter gradient. Beside the chosen form: rounding without turning, the input gradient
 * through the forward copy with its scales folded into dy (not turned either), and the output head in 8 bit as well. Prints one JSON line.
 *   node bench/int8-errors.ts <model folder>
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph, Value } from '../src/main/engine/graph/node.ts';
import * as o from '../src/main/engine/graph/ops/index.ts';
import type { MatmulParams } from '../src/main/engine/graph/ops/matmul.ts';
import { optimize } from '../src/main/engine/graph/passes/index.ts';
import { rewrite } from '../src/main/engine/graph/rewrite.ts';
import { importDataset } from '../src/main/data/version/import-dataset.ts';
import { emptyInt8, quantise8, rotationOf, type Int8Matrix } from '../src/main/engine/nn/int8-weight.ts';
import { Random } from '../src/main/engine/nn/random.ts';
import { compile } from '../src/main/engine/runtime/session.ts';
import { encodeJob } from '../src/main/engine/services/encode-job.ts';
import { collate } from '../src/main/engine/train/batch.ts';
import { fillInt8, planInt8 } from '../src/main/engine/train/int8-base.ts';
import { fileReader, initialValues, loadModel } from '../src/main/engine/train/load.ts';
import { prepareRun, type RunSetup } from '../src/main/engine/train/setup.ts';
import { buildStep } from '../src/main/engine/train/step-graph.ts';
import { gradientTargets, trainableFeeds } from '../src/main/engine/train/trainables.ts';
import { recipe } from '../src/shared/schema/recipe.ts';

export interface Spread { median: number; largest: number; worst: string }
export interface Difference { loss: number; cosine: number; /** Length of the difference over the length of the fp32 gradient. */ relative: number }
export interface ErrorReport { forward: Spread; backward: Spread; forwardPlain: Spread; backwardPlain: Spread; /** Through the forward copy. */ backwardFolded: Spread; loss: number; layers: Difference; layersAndHead: Difference }

type List = 'forward' | 'backward' | 'forwardPlain' | 'backwardPlain' | 'backwardFolded';
type Feeds = Record<string, Float32Array | Int32Array>;
const LENGTH = 512;

/** Every product with a frozen weight of `names`: its input, the node's result, and which copy it reads. */
function frozenProducts(g: Graph, names: ReadonlySet<string>): { name: string; x: Value; y: Value; side: 'forward' | 'backward' }[] {
  return g.nodes.flatMap((n) => {
    if (n.op.name !== 'matmul') return [];
    const [x, w] = n.inputs as [Value, Value];
    const stored = w.node?.op.name === 'cast' ? w.node.inputs[0]! : w;
    if (stored.name === undefined || !names.has(stored.name)) return [];
    return [{ name: stored.name, x, y: n.outputs[0]!, side: (n.params as MatmulParams).transB ? 'forward' as const : 'backward' as const }];
  });
}

function weightIn(g: Graph, name: string, { k, n, codes, scales }: Int8Matrix): [Value, Value] {
  return [g.weight(`codes:${name}`, [k, n], 'int8', { kind: 'data', data: codes }), g.weight(`scales:${name}`, [n], 'float32', { kind: 'data', data: scales })];
}

const turned = ({ k, n, codes }: Int8Matrix): Int8Array => { const out = new Int8Array(k * n); for (let i = 0; i < k; i++) for (let j = 0; j < n; j++) out[j * k + i] = codes[i * n + j]!; return out; };

/** |found - y| / |y| of every frozen product, outputs of one small graph each: the whole step's results at once would not fit. */
async function layerErrors(setup: RunSetup, g: Graph, feeds: Feeds): Promise<Pick<ErrorReport, List>> {
  const { model } = setup.loaded;
  const rows = (x: Value): [Value, Value] => o.quantizeRows(x, rotationOf(x.shape[1]!));
  const base = planInt8(model, setup.loaded.trainables.lora!);
  const read = fileReader(setup.loaded);
  fillInt8(base, model, read, 2);
  const lists: Record<List, [string, number][]> = { forward: [], backward: [], forwardPlain: [], backwardPlain: [], backwardFolded: [] };
  const names = new Set([...base.values!.keys()].map((module) => `${module}.weight`));
  const squares = (v: Value): Value => o.reduceSum(o.mul(v, v));
  const kept = new Map<string, { list: List; name: string }>();
  // `outputs` of the step stay: they are what the probes stand beside.
  const seen = new Map<string, [Value, Value]>();
  for (const [i, { name, x, y, side }] of frozenProducts(g, names).entries()) {
    const tensor = base.values!.get(name.slice(0, -'.weight'.length))!;
    const pair = seen.get(`${side} ${name}`) ?? weightIn(g, `${side} ${name}`, tensor[side]);
    seen.set(`${side} ${name}`, pair);
    const compare = (list: List, found: Value): void => {
      g.output(`probe:${list}:${i}`, o.sqrt(o.div(squares(o.sub(found, y)), o.maximum(squares(y), 1e-30))));
      kept.set(`probe:${list}:${i}`, { list, name });
    };
    compare(side, o.quantizedMatmul(...rows(x), ...pair));
    const plain = emptyInt8(tensor.forward.k, tensor.forward.n);
    quantise8(read(name), false, plain, 1);
    compare(`${side}Plain`, o.quantizedMatmul(...o.quantizeRows(x), ...weightIn(g, `plain ${side} ${name}`, plain[side])));
    if (side === 'forward') continue;
    const { k, n, scales } = plain.forward;
    const codes = g.weight(`folded ${name}`, [n, k], 'int8', { kind: 'data', data: turned(plain.forward) });
    compare('backwardFolded', o.quantizedMatmul(...o.quantizeRows(o.mul(x, g.weight(`fold ${name}`, [n], 'float32', { kind: 'data', data: scales }))), codes, g.constant(new Float32Array(k).fill(1), [k], 'float32')));
  }
  const program = await compile(optimize(g), { threads: 2, prepack: false });
  const found = await program.run(feeds, [...kept.keys()]);
  await program.dispose();
  for (const [output, { list, name }] of kept) lists[list].push([name, Number(found[output]!.data[0])]);
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, spread(list)])) as never;
}

function spread(list: readonly [string, number][]): Spread {
  const sorted = list.toSorted((a, b) => a[1] - b[1]);
  return { median: sorted[sorted.length >> 1]![1], largest: sorted.at(-1)![1], worst: sorted.at(-1)![0] };
}

/** The head's products in 8 bit too. */
export function headInInt8(g: Graph, name: string, data: Float32Array, [vocabulary, hidden]: readonly [number, number]): Graph {
  const tensor = emptyInt8(hidden, vocabulary);
  quantise8(data, false, tensor);
  const made = new Map<string, [Value, Value]>();
  const products = new Map(frozenProducts(g, new Set([name])).map((p) => [p.y, p.side]));
  return rewrite(g, (n, inputs, target) => {
    const side = products.get(n.outputs[0]!);
    if (side === undefined) return undefined;
    const pair = made.get(side) ?? weightIn(target, `${side} head`, tensor[side]);
    made.set(side, pair);
    return [o.quantizedMatmul(...o.quantizeRows(inputs[0]!, rotationOf(inputs[0]!.shape[1]!)), ...pair)];
  });
}

export async function openStep(model: string, folder: string, length: number): Promise<{ setup: RunSetup; feeds: Feeds; shape: { rows: number; length: number; losses: number; examples?: number } }> {
  const { dir } = await importDataset(join(import.meta.dirname, '../resources/demo/data/instruct-train.jsonl'), join(folder, 'rows'));
  const parsed = recipe.parse({ method: 'sft', model, data: { train: dir }, adapter: { r: 16, target_modules: 'all-linear' }, train: { max_steps: 10, per_device_train_batch_size: 1, max_length: length, packing: true } });
  const { rows } = await encodeJob({ recipe: parsed, model: { folder: model, checkpoint: null, chat_template: 'chatml' }, train_dir: dir, eval_dir: null, run_dir: folder, resume: null, threads: 2 });
  const adapter = parsed.adapter === 'none' ? null : parsed.adapter;
  const options = { method: 'sft' as const, config: parsed.train, adapter, modelFolder: model, start: null, rows, evalRows: [], runFolder: folder, resume: null, threads: 2, recipeHash: 'int8' };
  const loaded = loadModel(options);
  const setup = prepareRun(options, loaded);
  // B as it may be after some training, so that A has a gradient too.
  const values = initialValues(loaded, options), random = new Random(3);
  for (const range of loaded.trainables.ranges) if (range.name.includes('lora_B')) for (let i = 0; i < range.length; i++) values[range.offset + i] = 0.01 * random.normal();
  const shape = { rows: 1, ...setup.buckets.at(-1)! };
  const batch = collate([setup.data.row(0)], shape, { token: 1 / setup.data.sizes[0]!.losses, share: 1 }, setup.method.roles.length);
  return { setup, shape, feeds: { ...batch.feeds, ...trainableFeeds(loaded.trainables, values) } as Feeds };
}

async function main(model: string): Promise<ErrorReport> {
  const folder = mkdtempSync(join(tmpdir(), 'int8-errors-'));
  try {
    const { setup, feeds, shape } = await openStep(model, folder, LENGTH);
    const { loaded, method, options } = setup;
    const spec = { model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, method, config: options.config, shape, kind: 'train' as const };
    const int8 = planInt8(loaded.model, loaded.trainables.lora!);
    fillInt8(int8, loaded.model, fileReader(loaded), 2);
    const head = loaded.model.family.headWeight(loaded.model.config);
    const run = async (g: Graph): Promise<{ loss: number; grads: Float32Array }> => {
      const program = await compile(optimize(g), { threads: 2, prepack: false });
      const grads = new Float32Array(loaded.trainables.length);
      const found = await program.run(feeds, program.outputNames, gradientTargets(loaded.trainables, grads));
      await program.dispose();
      return { loss: Number(found['loss']!.data[0]), grads };
    };
    const exact = await run(buildStep(spec));
    const rounded = await run(buildStep({ ...spec, int8 }));
    const both = await run(headInInt8(buildStep({ ...spec, int8 }), head, fileReader(loaded)(head), [loaded.model.config.vocabSize, loaded.model.config.hiddenSize]));
    const compare = (other: typeof exact): Difference => {
      let [dot, a, b, d] = [0, 0, 0, 0];
      exact.grads.forEach((x, i) => { const y = other.grads[i]!; dot += x * y; a += x * x; b += y * y; d += (x - y) ** 2; });
      return { loss: other.loss - exact.loss, cosine: dot / Math.sqrt(a * b), relative: Math.sqrt(d / a) };
    };
    return { ...await layerErrors(setup, buildStep(spec), feeds), loss: exact.loss, layers: compare(rounded), layersAndHead: compare(both) };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

const [model] = process.argv.slice(2);
if (model !== undefined && process.argv[1]?.endsWith('int8-errors.ts') === true) process.stdout.write(`${JSON.stringify(await main(model))}\n`);
