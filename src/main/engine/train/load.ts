/** Phase 1: opens the model folder, checks it against its config, and lays out what is trained with its initial values. */

import { AnnealError } from '../../../shared/errors.ts';
import { openModelFolder, type ModelFolder } from '../io/model-folder.ts';
import { readPeftAdapter, type PeftAdapter } from '../io/peft-adapter.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { readTensorFloats } from '../io/tensor-read.ts';
import { engineMethod } from '../methods/index.ts';
import type { MethodId } from '../../../shared/methods/index.ts';
import { parseModel, type ParsedModel } from '../models/index.ts';
import { asClassifier, SCORE_HEAD } from '../models/sequence-classifier.ts';
import { Random, STREAM } from '../nn/random.ts';
import { checkParameters } from '../models/parameters.ts';
import { initLora, type ReadWeight } from '../nn/adapter-init.ts';
import { mergeAdapter, mergedNames, type MergeableAdapter } from '../nn/merge-adapter.ts';
import { reals } from '../optim/reals.ts';
import { adapterValues } from './adapter-values.ts';
import { fourBitReader, planFourBit, type FourBitBase } from './four-bit-base.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { TrainOptions } from './options.ts';
import { fullTrainables, loraTrainables, TIED_HEAD, type Trainables } from './trainables.ts';

export interface LoadedModel {
  source: ModelFolder;
  model: ParsedModel;
  weights: ReadonlyMap<string, TensorEntry>;
  trainables: Trainables;
  /** Frozen layers in 4 bit; empty arrays until the run is prepared. */
  fourBit?: FourBitBase;
}

export function loadModel(options: Pick<TrainOptions, 'modelFolder' | 'start' | 'adapter'> & { method?: MethodId; config?: Pick<TrainOptions['config'], 'freeze'> }): LoadedModel {
  if (options.adapter !== null && (options.config?.freeze?.length ?? 0) > 0) throw new AnnealError('recipe-value', 'train.freeze works with adapter: none only, because an adapter leaves every parameter of the model frozen; remove it, or choose layers with layers_to_transform.');
  const scored = options.method !== undefined && engineMethod(options.method).head === 'score';
  const source = openModelFolder(options.start?.kind === 'full' ? options.start.folder : options.modelFolder);
  const parsed = parseModel(source.config);
  const model = scored ? asClassifier(parsed) : parsed;
  const weights = checkParameters(model, source.tensors, scored ? [SCORE_HEAD] : []);
  const trainables = options.adapter === null ? fullTrainables(model, options.config?.freeze) : loraTrainables(model, scored ? withScoreHead(options.adapter) : options.adapter, options.start?.kind !== 'adapter');
  const fourBit = options.adapter?.load_in_4bit === true && trainables.lora !== undefined ? planFourBit(model, options.adapter, trainables.lora) : undefined;
  return { source, model, weights, trainables, ...(fourBit === undefined ? {} : { fourBit }) };
}

/** The scalar head is always trained and saved with the adapter, as PEFT does for sequence classification. */
function withScoreHead(adapter: LoraAdapter): LoraAdapter {
  return adapter.modules_to_save.includes('score') ? adapter : { ...adapter, modules_to_save: [...adapter.modules_to_save, 'score'] };
}

/** Values at the start of a fresh run: the model's own weights, a new adapter, or the adapter to continue from. */
export function initialValues(loaded: LoadedModel, options: Pick<TrainOptions, 'start'> & { config: Pick<TrainOptions['config'], 'seed'> }): Float32Array {
  const { trainables } = loaded;
  const read = withFreshHead(baseReader(loaded), loaded, options.config.seed);
  const given = options.start?.kind === 'adapter' ? withHead(readPeftAdapter(options.start.folder), loaded, read) : null;
  if (trainables.lora !== undefined) return given === null ? initLora(trainables.lora, options.config.seed, read) : adapterValues(trainables.lora, given);
  const values = reals(trainables.length);
  for (const range of trainables.ranges) values.set(read(range.name), range.offset);
  if (given !== null) mergeInto(values, loaded, given);
  return values;
}

/** A reward model may begin with an adapter of a language model: the scalar head is new then. */
function withHead(adapter: PeftAdapter, { model }: LoadedModel, read: ReadWeight): PeftAdapter {
  if (model.family.headWeight(model.config) !== SCORE_HEAD || adapter.replaced.has(SCORE_HEAD)) return adapter;
  return { ...adapter, replaced: new Map([...adapter.replaced, [SCORE_HEAD, { shape: [1, model.config.hiddenSize], data: read(SCORE_HEAD) }]]) };
}

/** A base that has no scalar head gets one: normal with the config's initializer_range (0.02), from the run's seed. */
function withFreshHead(read: ReadWeight, { weights, model, source }: LoadedModel, seed: number): ReadWeight {
  if (weights.has(SCORE_HEAD)) return read;
  const range = typeof source.config['initializer_range'] === 'number' ? source.config['initializer_range'] : 0.02;
  return (name) => {
    if (name !== SCORE_HEAD) return read(name);
    const random = new Random(seed, STREAM.headInit);
    return Float32Array.from({ length: model.config.hiddenSize }, () => random.normal() * range);
  };
}

/** Parameters of the base as the run computes with them. */
export function baseReader(loaded: Pick<LoadedModel, 'model' | 'weights' | 'fourBit'>): ReadWeight {
  return loaded.fourBit === undefined ? fileReader(loaded) : fourBitReader(loaded.fourBit, fileReader(loaded));
}

/** Parameters of the base's file as float32 in their stored layout; the head of a tied model is its embedding. */
export function fileReader({ model, weights }: Pick<LoadedModel, 'model' | 'weights'>): ReadWeight {
  return (name) => readTensorFloats(weights.get(name) ?? weights.get(name === TIED_HEAD ? model.family.headWeight(model.config) : name)!);
}

/** Full fine-tuning on top of an adapter: the adapter is folded into the weights. */
function mergeInto(values: Float32Array, { model, trainables }: LoadedModel, adapter: MergeableAdapter): void {
  const ranges = new Map(trainables.ranges.map((range) => [range.name, range]));
  const turned = new Set(model.family.linears(model.config).filter((l) => l.transposed === true).map((l) => `${l.module}.weight`));
  const cannot = (problem: string): AnnealError => new AnnealError('adapter-invalid', `The adapter cannot be merged for full fine-tuning: ${problem}.`);
  for (const name of mergedNames(adapter)) {
    const range = ranges.get(name);
    if (range === undefined) throw cannot(name === TIED_HEAD ? 'it has an output head of its own, but this model ties the head to the embedding' : `its ${name} is ${model.family.parameters(model.config).some((p) => p.name === name) ? 'frozen in this run' : 'not in this model'}`);
    const target = values.subarray(range.offset, range.offset + range.length);
    try {
      const merged = mergeAdapter(adapter, name, target, { transposed: turned.has(name) });
      if (merged !== target) target.set(merged);
    } catch (cause) {
      throw cannot(cause instanceof Error ? cause.message : String(cause));
    }
  }
}
