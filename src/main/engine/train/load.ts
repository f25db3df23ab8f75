/** Phase 1: opens the model folder, checks it against its config, and lays out what is trained with its initial values. */

import { AnnealError } from '../../../shared/errors.ts';
import { openModelFolder, type ModelFolder } from '../io/model-folder.ts';
import { readPeftAdapter, type PeftAdapter } from '../io/peft-adapter.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { parseModel, type ParsedModel } from '../models/index.ts';
import { checkParameters, readParameters } from '../models/parameters.ts';
import { initLora, mergeLora, type LoraPlan } from '../nn/lora.ts';
import type { TrainOptions } from './options.ts';
import { fullTrainables, loraTrainables, type Trainables } from './trainables.ts';

export interface LoadedModel {
  source: ModelFolder;
  model: ParsedModel;
  weights: ReadonlyMap<string, TensorEntry>;
  trainables: Trainables;
}

export function loadModel(options: Pick<TrainOptions, 'modelFolder' | 'start' | 'adapter'>): LoadedModel {
  const source = openModelFolder(options.start?.kind === 'full' ? options.start.folder : options.modelFolder);
  const model = parseModel(source.config);
  const weights = checkParameters(model, source.tensors);
  const trainables = options.adapter === null ? fullTrainables(model) : loraTrainables(model, options.adapter);
  return { source, model, weights, trainables };
}

/** Values at the start of a fresh run: the model's own weights, a new adapter, or the adapter to continue from. */
export function initialValues(loaded: LoadedModel, options: Pick<TrainOptions, 'start' | 'config'>): Float32Array {
  const { model, weights, trainables } = loaded;
  const given = options.start?.kind === 'adapter' ? readPeftAdapter(options.start.folder) : null;
  if (trainables.lora !== undefined) return given === null ? initLora(trainables.lora, options.config.seed) : adapterValues(trainables.lora, given);
  const values = readParameters(model.family.parameters(model.config), weights);
  if (given !== null) mergeInto(values, trainables, given);
  return values;
}

/** A PEFT adapter as the flat vector of a plan. Throws `adapter-invalid` when layers or rank differ. */
export function adapterValues(plan: LoraPlan, adapter: PeftAdapter): Float32Array {
  const mismatch = (problem: string): AnnealError => new AnnealError('adapter-invalid', `The adapter does not fit this run: ${problem}; use the rank and target_modules that it was made with.`);
  const { config, pairs } = adapter;
  if (config.r !== plan.config.r) throw mismatch(`its rank is ${config.r}, the run asks for ${plan.config.r}`);
  if (config.lora_alpha !== plan.config.lora_alpha || config.use_rslora !== plan.config.use_rslora) throw mismatch(`its scale (lora_alpha ${config.lora_alpha}${config.use_rslora ? ', rslora' : ''}) is another`);
  const byModule = new Map(pairs.map((p) => [p.module, p]));
  if (byModule.size !== plan.slots.length) throw mismatch(`it adapts ${byModule.size} layers, the run adapts ${plan.slots.length}`);
  const values = new Float32Array(plan.length);
  for (const slot of plan.slots) {
    const pair = byModule.get(slot.module);
    if (pair === undefined) throw mismatch(`it has nothing for ${slot.module}`);
    if (pair.inFeatures !== slot.inFeatures || pair.outFeatures !== slot.outFeatures) throw mismatch(`the layer ${slot.module} has another size`);
    values.set(pair.a, slot.a.offset);
    values.set(pair.b, slot.b.offset);
  }
  return values;
}

function mergeInto(values: Float32Array, trainables: Trainables, adapter: PeftAdapter): void {
  const { r, lora_alpha: alpha, use_rslora: rs } = adapter.config;
  const ranges = new Map(trainables.ranges.map((range) => [range.name, range]));
  for (const pair of adapter.pairs) {
    const range = ranges.get(`${pair.module}.weight`);
    if (range === undefined || range.length !== pair.inFeatures * pair.outFeatures) throw new AnnealError('adapter-invalid', `The adapter's layer ${pair.module} is not in this model.`);
    mergeLora(values.subarray(range.offset, range.offset + range.length), pair, r, alpha / (rs ? Math.sqrt(r) : r));
  }
}
