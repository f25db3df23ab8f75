/** A model that is only read, for scores: its weights stay in their file; an adapter with its settings lies beside them as in training (over a 4-bit base where it was trained so), one without is merged into float32 weights. */

import type { MethodId } from '../../../shared/methods/index.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import { fillFourBit } from './four-bit-base.ts';
import { fileReader, initialValues, loadModel, type LoadedModel } from './load.ts';
import type { StartWeights } from './options.ts';
import { NO_TRAINABLES } from './reference.ts';
import type { StepSpec } from './step-graph.ts';

export interface ScoringSource { modelFolder: string; start: StartWeights | null; /** Settings of the adapter that `start` is; null: none, or merge it. */ adapter: LoraAdapter | null }
export interface ScoringModel { loaded: LoadedModel; values: Float32Array; spec: Pick<StepSpec, 'model' | 'weights' | 'trainables' | 'fourBit'> }

export function openForScoring({ modelFolder, start, adapter }: ScoringSource, method?: MethodId): ScoringModel {
  const loaded = loadModel({ modelFolder, start, adapter, ...(method === undefined ? {} : { method }) });
  if (adapter === null && start?.kind !== 'adapter') return { loaded, values: new Float32Array(0), spec: { model: loaded.model, weights: loaded.weights, trainables: NO_TRAINABLES } };
  if (loaded.fourBit !== undefined) fillFourBit(loaded.fourBit, loaded.model, fileReader(loaded));
  return { loaded, values: initialValues(loaded, { start, config: { seed: 0 } }), spec: { model: loaded.model, weights: loaded.weights, trainables: loaded.trainables, fourBit: loaded.fourBit } };
}
