/** Builds the graph of one micro-batch: forward, loss, token statistics and, for training, the gradient of every trainable group. */

import type { SftTrain } from '../../../shared/methods/sft.ts';
import { rowLogProbs } from '../graph/fn/index.ts';
import { Graph, type Real, type Value } from '../graph/node.ts';
import { add, asReal, gather, mul, reduceSum } from '../graph/ops/index.ts';
import { gradients } from '../graph/passes/autodiff.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import type { EngineMethod } from '../methods/method.ts';
import { scoreOptions } from '../models/head.ts';
import type { ParsedModel } from '../models/index.ts';
import { fileParameters } from '../models/parameters.ts';
import { linearBuilder, type LinearSources } from '../nn/adapted-linear.ts';
import { fourBitWeight } from '../nn/four-bit.ts';
import type { LoraSlot } from '../nn/lora.ts';
import type { BatchShape } from './batch.ts';
import type { FourBitBase } from './four-bit-base.ts';
import { NOISE_INPUT } from './neftune.ts';
import { declareTrainables, outputGradients, TIED_HEAD, type Trainables } from './trainables.ts';
import { treeContext } from './tree-context.ts';

export interface StepSpec {
  model: ParsedModel;
  weights: ReadonlyMap<string, TensorEntry>;
  trainables: Trainables;
  /** Frozen layers that are kept in 4 bit. */
  fourBit?: FourBitBase | undefined;
  method: EngineMethod;
  config: SftTrain;
  shape: BatchShape;
  /** `train` has gradients and dropout; `evaluate` only loss and accuracy. */
  kind: 'train' | 'evaluate';
  real?: Real;
}

/** Head rows per chunk: a size that measured well on CPU. */
const HEAD_CHUNK = 256;

/** The one dropout mask input of a LoRA layer. */
export function maskName(slot: { module: string }): string { return `keep:${slot.module}`; }

/** Outputs: loss, entropy_sum, correct_sum (scalars) and, for training, one gradient per trainable group. */
export function buildStep(spec: StepSpec): Graph {
  const { model, trainables, shape, config } = spec;
  const graph = new Graph({ real: spec.real ?? 'float32' });
  const lossSlot = graph.input('loss_slot', [shape.losses], 'int32');
  const target = graph.input('target', [shape.losses], 'int32');
  const valid = graph.input('valid', [shape.losses]);
  const weight = graph.input('weight', [shape.losses]);

  const trained = declareTrainables(graph, trainables);
  const file = fileParameters(graph, spec.weights);
  const parameter = (name: string): Value => trained.get(name) ?? file(name);
  // An adapter that trains the embedding of a tied model leaves the head alone, and the other way round.
  const headName = model.family.headWeight(model.config);
  const head = trainables.kind === 'full' ? parameter(headName) : (trained.get(TIED_HEAD) ?? file(headName));
  const noisy = spec.kind === 'train' && (config.neftune_noise_alpha ?? 0) > 0;
  const { ctx, ids, positions } = treeContext(graph, shape, {
    parameter,
    linear: linearBuilder({ parameter, adapter: adapterOf(graph, spec, trained), weight: ({ module, transposed }) => { const kept = spec.fourBit?.get(module); return kept && fourBitWeight(graph, module, kept, transposed); } }),
    ...(noisy ? { embedded: (x: Value) => add(x, graph.input(NOISE_INPUT, x.shape)) } : {}),
  });
  const hidden = model.family.hidden(ctx, model.config, { ids, positions });
  const scores = rowLogProbs(gather(hidden, lossSlot), head, target, { chunk: HEAD_CHUNK, ...scoreOptions(model.config) });
  const loss = spec.method.loss({ logp: scores.logProbs, valid, weight }, config);
  graph.output('loss', loss);
  graph.output('correct_sum', reduceSum(mul(scores.hits, valid)));
  if (spec.kind === 'train') {
    graph.output('entropy_sum', reduceSum(mul(scores.entropy, valid)));
    outputGradients(graph, trainables, gradients(loss, trainables.ranges.map((r) => trained.get(r.name)!)));
  }
  return graph;
}

/** Layers whose plan has a slot get its trained tensors; `minus` is frozen. */
function adapterOf(graph: Graph, spec: StepSpec, trained: ReadonlyMap<string, Value>): LinearSources['adapter'] {
  const { lora } = spec.trainables;
  const slots = new Map<string, LoraSlot>(lora?.slots.map((s) => [s.module, s]));
  const dropout = spec.kind === 'train' ? (lora?.config.lora_dropout ?? 0) : 0;
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
