/** What a run trains: one flat float32 vector of values, cut into ranges (parameters), fed to the graph in groups (one input and one gradient output per group: a layer's adapters, or one full parameter). */

import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { Graph, TypedArray, Value } from '../graph/node.ts';
import { concat, reshape, slice } from '../graph/ops/index.ts';
import type { ParsedModel } from '../models/index.ts';
import { defaultTargets } from '../models/lora-targets.ts';
import { planLora, type LoraPlan } from '../nn/lora.ts';
import type { ParameterRange } from '../optim/adamw.ts';
import { isDecayed } from '../optim/decay-rule.ts';
import { unfrozen } from './freeze.ts';

export interface TrainableGroup { name: string; ranges: ParameterRange[]; offset: number; length: number }
export interface Trainables {
  kind: 'adapter' | 'full';
  ranges: ParameterRange[];
  groups: TrainableGroup[];
  length: number;
  /** Set for adapters. */
  lora?: LoraPlan;
}

/** The output head of a model whose config ties it to the embedding has no tensor of its own; an adapter may give it one under this name, as PEFT does. */
export const TIED_HEAD = 'lm_head.weight';

/** Parameters as PEFT sees modules: a tied head counts as a module of its own. */
export function adapterParameters(model: ParsedModel): { name: string; shape: readonly number[] }[] {
  const specs = model.family.parameters(model.config);
  const head = model.family.headWeight(model.config);
  const source = specs.find((s) => s.name === head);
  return head === TIED_HEAD || source === undefined ? specs : [...specs, { name: TIED_HEAD, shape: source.shape }];
}

/** `fresh`: no adapter is continued, so an initialisation may take its part out of the base. target_modules "default" are PEFT's for the model type. */
export function loraTrainables(model: ParsedModel, given: LoraAdapter, fresh = true): Trainables {
  const config = given.target_modules === 'default' ? { ...given, target_modules: [...defaultTargets(model)] } : given;
  const lora = planLora(model.family.linears(model.config), config, { parameters: adapterParameters(model), fresh });
  const groups: TrainableGroup[] = [];
  for (const slot of lora.slots) {
    const name = `adapter.${slot.layer}`;
    let group = groups.at(-1);
    if (group?.name !== name) {
      group = { name, ranges: [], offset: slot.a.offset, length: 0 };
      groups.push(group);
    }
    for (const range of [slot.a, slot.b, slot.magnitude]) {
      if (range === undefined) continue;
      group.ranges.push(range);
      group.length += range.length;
    }
  }
  groups.push(...lora.replaced.map(oneGroup));
  return { kind: 'adapter', ranges: groups.flatMap((g) => g.ranges), groups, length: lora.length, lora };
}

/** All parameters, or those that no entry of `freeze` matches. */
export function fullTrainables(model: ParsedModel, freeze: readonly string[] = []): Trainables {
  let offset = 0;
  const specs = unfrozen(model.family.parameters(model.config), freeze);
  const ranges = specs.map((spec): ParameterRange => {
    const length = spec.shape.reduce((a, b) => a * b, 1);
    const range = { name: spec.name, shape: spec.shape, offset, length, decay: isDecayed(spec.name) };
    offset += length;
    return range;
  });
  return { kind: 'full', ranges, groups: ranges.map(oneGroup), length: offset };
}

const oneGroup = (r: ParameterRange): TrainableGroup => ({ name: r.name, ranges: [r], offset: r.offset, length: r.length });

/** Declares the group inputs in a graph; returns every trainable tensor by name. */
export function declareTrainables(graph: Graph, trainables: Trainables): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const group of trainables.groups) {
    const input = graph.input(inputName(group), [group.length]);
    for (const range of group.ranges) {
      const start = range.offset - group.offset;
      values.set(range.name, reshape(slice(input, 0, start, start + range.length), range.shape));
    }
  }
  return values;
}

/** Names one flat gradient output per group. `grads` follow the order of `trainables.ranges`. */
export function outputGradients(graph: Graph, trainables: Trainables, grads: readonly Value[]): void {
  let next = 0;
  for (const group of trainables.groups) {
    const parts = group.ranges.map((range) => reshape(grads[next++]!, [range.length]));
    graph.output(gradientName(group), concat(parts, 0));
  }
}

export const inputName = (group: TrainableGroup): string => `trainable:${group.name}`;
export const gradientName = (group: TrainableGroup): string => `gradient:${group.name}`;

/** Feeds for the group inputs: views into `values`, no copies. */
export function trainableFeeds(trainables: Trainables, values: Float32Array): Record<string, TypedArray> {
  return Object.fromEntries(trainables.groups.map((g) => [inputName(g), values.subarray(g.offset, g.offset + g.length)]));
}

/** Where the first run of a window may write its gradients itself: views of `grads`. */
export function gradientTargets(trainables: Trainables, grads: Float32Array): Record<string, Float32Array> {
  return Object.fromEntries(trainables.groups.map((g) => [gradientName(g), grads.subarray(g.offset, g.offset + g.length)]));
}

/** Adds the gradients of one run to `grads`. */
export function addGradients(trainables: Trainables, outputs: Readonly<Record<string, { data: TypedArray }>>, grads: Float32Array): void {
  for (const group of trainables.groups) {
    const data = outputs[gradientName(group)]!.data as Float32Array;
    for (let i = 0; i < data.length; i++) grads[group.offset + i] = grads[group.offset + i]! + data[i]!;
  }
}
