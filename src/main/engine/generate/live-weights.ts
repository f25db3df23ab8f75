/** Weights of a generator that may change while it lives: an adapter beside frozen weights, or full weights in memory. They are inputs of the programs, read at every request, so a running training shows at once. */

import { Graph } from '../graph/node.ts';
import type { Value } from '../graph/node.ts';
import { optimize } from '../graph/passes/index.ts';
import type { AdapterPair, PeftAdapter } from '../io/peft-adapter.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import type { ForwardContext } from '../models/family.ts';
import type { ParsedModel } from '../models/index.ts';
import { fileParameters } from '../models/parameters.ts';
import { denseWeight, doraGain, linearLayers, type AdapterTensors } from '../nn/adapted-linear.ts';
import { compile, type Program } from '../runtime/session.ts';

export interface GenerationSource {
  readonly model: ParsedModel;
  readonly weights: ReadonlyMap<string, TensorEntry>;
  /** Beside the frozen weights. */
  readonly adapter?: PeftAdapter;
  /** Full weights in memory instead of the file's; undefined for a parameter that is the file's. */
  readonly tensor?: (name: string) => Float32Array | undefined;
}

/** What a program needs of the weights: the `parameter` and `linear` of a ForwardContext, and the output head [vocab, hidden]. */
export interface WeightValues extends Pick<ForwardContext, 'parameter' | 'linear'> { head: () => Value }

const HEAD = 'lm_head.weight';

export function weightValues(graph: Graph, source: GenerationSource): WeightValues {
  const { family, config } = source.model;
  const file = fileParameters(graph, source.weights);
  const inputs = new Map<string, Value>();
  for (const p of family.parameters(config)) if (source.tensor?.(p.name) !== undefined) inputs.set(p.name, graph.input(`parameter:${p.name}`, p.shape));
  for (const [name, { shape }] of source.adapter?.replaced ?? []) inputs.set(name, graph.input(`parameter:${name}`, shape));
  const parameter = (name: string): Value => inputs.get(name) ?? file(name);
  const pairs = new Map(source.adapter?.pairs.map((p) => [p.module, p]));
  const headName = family.headWeight(config);
  return {
    parameter,
    linear: linearLayers({ parameter, adapter: ({ module }) => { const pair = pairs.get(module); return pair && { ...pairInputs(graph, pair), ...(pair.magnitude === undefined ? {} : { gain: graph.input(`lora_gain:${module}`, [pair.outFeatures]) }) }; } }).linear,
    // Beside an adapter a tied head is the file's embedding unless it was trained itself.
    head: () => (source.adapter === undefined ? parameter(headName) : (inputs.get(HEAD) ?? file(headName))),
  };
}

function pairInputs(graph: Graph, { module, r, inFeatures, outFeatures, scale, minus }: AdapterPair): AdapterTensors {
  const side = (name: 'a' | 'b', prefix: string, rank: number): Value => graph.input(`${prefix}_${name}:${module}`, name === 'a' ? [rank, inFeatures] : [outFeatures, rank]);
  const taken = (minus?.a.length ?? 0) / inFeatures;
  return { a: side('a', 'lora', r), b: side('b', 'lora', r), scale, ...(minus === undefined ? {} : { minus: { a: side('a', 'minus', taken), b: side('b', 'minus', taken) } }) };
}

function pairFeeds(pair: AdapterPair): Record<string, Float32Array> {
  const { module, a, b, minus } = pair;
  return { [`lora_a:${module}`]: a, [`lora_b:${module}`]: b, ...(minus === undefined ? {} : { [`minus_a:${module}`]: minus.a, [`minus_b:${module}`]: minus.b }) };
}

export class LiveWeights {
  readonly #source: GenerationSource;
  readonly #threads: number;
  #gains: Program | undefined;

  constructor(source: GenerationSource, threads: number) {
    this.#source = source;
    this.#threads = threads;
  }

  /** Feeds for the inputs that `weightValues` declares, as the weights are now. The lengths that DoRA divides by are worked out here, once and not at every token. */
  async feeds(): Promise<Record<string, Float32Array>> {
    const { model, adapter, tensor } = this.#source;
    const feeds: Record<string, Float32Array> = {};
    if (tensor !== undefined) for (const p of model.family.parameters(model.config)) {
      const data = tensor(p.name);
      if (data !== undefined) feeds[`parameter:${p.name}`] = data;
    }
    if (adapter === undefined) return feeds;
    for (const [name, { data }] of adapter.replaced) feeds[`parameter:${name}`] = data;
    for (const pair of adapter.pairs) Object.assign(feeds, pairFeeds(pair));
    const dora = adapter.pairs.filter((p) => p.magnitude !== undefined);
    if (dora.length === 0) return feeds;
    this.#gains ??= await compile(optimize(gainGraph(this.#source, dora)), { threads: this.#threads, prepack: false });
    const given = Object.assign({}, ...dora.map((p) => ({ ...pairFeeds(p), [`magnitude:${p.module}`]: p.magnitude }))) as Record<string, Float32Array>;
    for (const [name, { data }] of Object.entries(await this.#gains.run(given))) feeds[name] = data as Float32Array;
    return feeds;
  }

  async dispose(): Promise<void> {
    await this.#gains?.dispose();
    this.#gains = undefined;
  }
}

function gainGraph(source: GenerationSource, dora: readonly AdapterPair[]): Graph {
  const graph = new Graph();
  const file = fileParameters(graph, source.weights);
  const turned = new Set(source.model.family.linears(source.model.config).filter((l) => l.transposed === true).map((l) => l.module));
  for (const pair of dora) {
    const tensors = { ...pairInputs(graph, pair), magnitude: graph.input(`magnitude:${pair.module}`, [pair.outFeatures]) };
    graph.output(`lora_gain:${pair.module}`, doraGain(denseWeight(file(`${pair.module}.weight`), turned.has(pair.module)), tensors));
  }
  return graph;
}
