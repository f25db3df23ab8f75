/** Builds the graph of one micro-batch: forward, loss, token statistics and, for training, the gradient of every trainable group. */

import type { TrainerConfig } from '../../../shared/methods/trainer.ts';
import { rowLogProbs } from '../graph/fn/index.ts';
import { Graph, type Real, type Value } from '../graph/node.ts';
import { add, asReal, gather, matmul, reshape } from '../graph/ops/index.ts';
import { gradients } from '../graph/passes/autodiff.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { Completions } from '../methods/completions.ts';
import type { EngineMethod, ScoredTokens } from '../methods/method.ts';
import { scoreOptions } from '../models/head.ts';
import type { ParsedModel } from '../models/index.ts';
import { fileParameters } from '../models/parameters.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import { linearLayers, type LinearShape, type LinearSources, type LinearWeight } from '../nn/adapted-linear.ts';
import { fourBitWeight } from '../nn/four-bit.ts';
import { int8Weight } from '../nn/int8-weight.ts';
import type { LoraSlot } from '../nn/lora.ts';
import type { BatchShape } from './batch.ts';
import { dropoutRate, maskName } from './dropout.ts';
import type { FourBitBase } from './four-bit-base.ts';
import type { Int8Base } from './int8-base.ts';
import { NOISE_INPUT, noiseAlpha } from './neftune.ts';
import { CHUNKS, type Chunks } from './plan/execution.ts';
import { declareTrainables, outputGradients, TIED_HEAD, type Trainables } from './trainables.ts';
import { treeContext } from './tree-context.ts';

export interface StepSpec {
  model: ParsedModel;
  weights: ReadonlyMap<string, TensorEntry>;
  trainables: Trainables;
  /** Frozen layers that are kept in 4 bit. */
  fourBit?: FourBitBase | undefined;
  /** Frozen layers whose products are computed in 8 bit. */
  int8?: Int8Base | undefined;
  method: EngineMethod;
  config: TrainerConfig;
  /** Rows that attention and the head work on at a time; default: what measured well. */
  chunks?: Chunks;
  shape: BatchShape;
  /** `train` has gradients and dropout; `evaluate` only loss and metrics; `reference` only log-probabilities; `score` only what a scalar head says. */
  kind: 'train' | 'evaluate' | 'reference' | 'score';
  real?: Real;
  /** The loss is multiplied by the input `loss_scale` before the backward pass; outputs other than gradients are not. */
  scaled?: boolean;
}

/** Metrics that cost a pass over the vocabulary and say little about held-out rows. */
const NOT_EVALUATED = new Set(['entropy', 'logits/chosen', 'logits/rejected']);
export const measureOutputs = (name: string): [string, string] => [`metric_sum:${name}`, `metric_count:${name}`];
export const stateName = (name: string): string => `state:${name}`;
export const nextStateName = (name: string): string => `next:${name}`;
/** Log-probability sums of all completions: the output of a `reference` graph. */
export const LOGPS = 'logps';
/** What gradients are multiplied by (train/loss-scale); an input of shape []. */
export const LOSS_SCALE = 'loss_scale';
/** Scores of all completions: the output of a `score` graph. */
export const SCORES = 'scores';

/** Outputs: loss, sum and count of every metric, the method's next state and, for training, one gradient per trainable group; of a reference only `logps`, of a `score` graph only `scores`. */
export function buildStep(spec: StepSpec): Graph {
  const { model, trainables, shape, config, method } = spec;
  const graph = new Graph({ real: spec.real ?? 'float32' });
  const trained = declareTrainables(graph, trainables);
  const file = fileParameters(graph, spec.weights);
  const parameter = (name: string): Value => trained.get(name) ?? file(name);
  const noisy = spec.kind === 'train' && (noiseAlpha(config) ?? 0) > 0;
  const { ctx, ids, positions } = treeContext(graph, shape, {
    chunk: spec.chunks?.attention,
    parameter,
    ...linearLayers({ parameter, adapter: adapterOf(graph, spec, trained), weight: (layer) => frozenWeight(graph, spec, layer) }),
    ...(noisy ? { embedded: (x: Value) => add(x, graph.input(NOISE_INPUT, x.shape)) } : {}),
  });
  const hidden = model.family.hidden(ctx, model.config, { ids, positions });
  // An adapter that trains the embedding of a tied model leaves the head alone, and the other way round.
  const headName = model.family.headWeight(model.config);
  const tokens = method.head === 'score' ? null : scoreTokens(graph, spec, hidden, trainables.kind === 'full' ? parameter(headName) : (trained.get(TIED_HEAD) ?? file(headName)));
  const scores = method.head === 'score' ? scoreCompletions(graph, shape, method, hidden, parameter(SCORE_HEAD)) : null;
  if (spec.kind === 'score') {
    graph.output(SCORES, scores!);
    return graph;
  }
  const completions = new Completions(graph, method.roles, shape, tokens, scores);
  if (spec.kind === 'reference') {
    graph.output(LOGPS, completions.allLogps());
    return graph;
  }
  const next = new Map<string, Value>();
  const { loss, metrics } = method.loss({
    tokens: tokens!, completions, config,
    state: (name) => graph.input(stateName(name), []), remember: (name, value) => { next.set(name, value); },
  });
  graph.output('loss', loss);
  for (const [name, { sum, count }] of Object.entries(metrics)) {
    if (spec.kind === 'evaluate' && NOT_EVALUATED.has(name)) continue;
    const [sumName, countName] = measureOutputs(name);
    graph.output(sumName, sum);
    graph.output(countName, count);
  }
  if (spec.kind === 'train') {
    for (const [name, value] of next) graph.output(nextStateName(name), value);
    outputGradients(graph, trainables, gradients(loss, trainables.ranges.map((r) => trained.get(r.name)!), spec.scaled === true ? graph.input(LOSS_SCALE, []) : undefined));
  }
  return graph;
}

function scoreTokens(graph: Graph, { shape, model, chunks = CHUNKS }: StepSpec, hidden: Value, head: Value): ScoredTokens {
  const slot = graph.input('loss_slot', [shape.losses], 'int32');
  const target = graph.input('target', [shape.losses], 'int32');
  const { logProbs: logp, entropy, hits, meanLogit, logCollision } = rowLogProbs(gather(hidden, slot), head, target, { chunk: chunks.head, ...scoreOptions(model.config) });
  return { logp, entropy, hits, meanLogit, logCollision, valid: graph.input('valid', [shape.losses]), weight: graph.input('weight', [shape.losses]) };
}

/** The scalar head at the last token of every completion: [roles * examples]. */
function scoreCompletions(graph: Graph, shape: BatchShape, method: EngineMethod, hidden: Value, head: Value): Value {
  const size = method.roles.length * (shape.examples ?? 0);
  return reshape(matmul(gather(hidden, graph.input('end_slot', [size], 'int32')), asReal(head), { transB: true }), [size]);
}

/** Weights that are not multiplied as they lie in the file. */
function frozenWeight(graph: Graph, { fourBit, int8 }: StepSpec, { module, transposed }: LinearShape): LinearWeight | undefined {
  const [four, eight] = [fourBit?.get(module), int8?.layers.get(module)];
  return four === undefined ? eight && int8Weight(graph, module, eight) : fourBitWeight(graph, module, four, transposed);
}

/** Layers whose plan has a slot get its trained tensors; `minus` is frozen. */
function adapterOf(graph: Graph, spec: StepSpec, trained: ReadonlyMap<string, Value>): LinearSources['adapter'] {
  const { lora } = spec.trainables;
  const slots = new Map<string, LoraSlot>(lora?.slots.map((s) => [s.module, s]));
  const dropout = spec.kind === 'train' ? dropoutRate(spec.trainables, spec.config) : 0;
  return ({ module }, x) => {
    const slot = slots.get(module);
    if (slot === undefined) return undefined;
    const tensor = (range: { name: string } | undefined): Value | undefined => (range === undefined ? undefined : trained.get(range.name));
    const frozen = (side: 'a' | 'b', shape: readonly number[]): Value => asReal(graph.weight(`minus_${side}:${module}`, shape, 'float32', { kind: 'data', data: slot.minus![side] }));
    const magnitude = tensor(slot.magnitude);
    return {
      a: tensor(slot.a)!, b: tensor(slot.b)!, scale: slot.scale,
      ...(magnitude === undefined ? {} : { magnitude }),
      ...(slot.minus === undefined ? {} : { minus: { a: frozen('a', [slot.r, slot.inFeatures]), b: frozen('b', [slot.outFeatures, slot.r]) } }),
      ...(dropout > 0 ? { keep: { mask: graph.input(maskName(slot), x.shape, 'uint8'), p: dropout } } : {}),
    };
  };
}
