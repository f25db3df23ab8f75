/** Checkpoints: written beside their final place, flushed, renamed. A checkpoint is a PEFT adapter folder or a Hugging Face model folder, plus optimizer.safetensors and trainer_state.json. */

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AnnealError } from '../../../shared/errors.ts';
import { writeFileDurably, writeFolderDurably } from '../io/durable.ts';
import { hashFile } from '../io/hash-file.ts';
import { readModelWeights } from '../io/model-weights.ts';
import { readPeftAdapter, writePeftAdapter } from '../io/peft-adapter.ts';
import { readSafetensorsHeader } from '../io/safetensors-header.ts';
import { writeSafetensors } from '../io/safetensors-write.ts';
import { copySideFiles, writeModelFiles } from '../io/save-model.ts';
import { readTensorFloats } from '../io/tensor-read.ts';
import { checkParameters } from '../models/parameters.ts';
import { rewardConfig } from '../models/reward-config.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import { adapterOf } from './current-weights.ts';
import { adapterValues } from './adapter-values.ts';
import { baseReader, type LoadedModel } from './load.ts';
import { executionLayout } from './plan/execution.ts';
import type { RunState } from './run-state.ts';

const FORMAT = 2;
const finite = z.number();
const trainerState = z.object({
  format: z.literal(FORMAT),
  global_step: z.number().int().min(0), epoch: finite, num_input_tokens_seen: finite, train_seconds: finite, max_steps: finite,
  /** All random streams derive from the seed and the counters above, so the seed is the whole RNG state; the data cursor is global_step. */
  rng: z.object({ generator: z.literal('xoshiro128**/path'), seed: finite }),
  data: z.object({ fingerprint: z.string(), cursor: finite }),
  schedule: z.object({ name: z.string(), next_step: finite }),
  window: z.object({ steps: finite, loss: finite, gradNorm: finite, measures: z.record(z.string(), z.object({ sum: finite, count: finite })) }),
  /** Scalars of the method that live from step to step. */
  method_state: z.record(z.string(), finite),
  /** Of a run in float16. */
  loss_scale: z.object({ scale: finite, good: finite }).optional(),
  /** What decides the last bits of float sums besides the data. */
  execution: z.object({ threads: finite, prepack: z.boolean(), compute: z.enum(['fp32', 'int8']).default('fp32'), layout: executionLayout.optional() }),
  recipe_hash: z.string(), weight_hash: z.string(), kind: z.enum(['adapter', 'full']),
});
export type TrainerState = z.infer<typeof trainerState>;

export interface CheckpointContext { loaded: LoadedModel; runFolder: string; baseModel: string; recipeHash: string; fingerprint: string; seed: number; scheduler: string; totalSteps: number; execution: TrainerState['execution'] }
export interface WrittenCheckpoint { path: string; weightHash: string; bytes: number }

/** A reference that follows the policy, as one flat vector. */
const REFERENCE_FILE = 'reference.safetensors';
const weightFile = (kind: 'adapter' | 'full'): string => (kind === 'adapter' ? 'adapter_model.safetensors' : 'model.safetensors');
export function checkpointName(step: number): string { return `checkpoint-${step}`; }
export function checkpointStep(path: string): number { return Number(/checkpoint-(\d+)$/.exec(path)?.[1]); }

export function writeCheckpoint(context: CheckpointContext, state: RunState): WrittenCheckpoint {
  const { loaded } = context;
  const { trainables, source } = loaded;
  const path = join(context.runFolder, checkpointName(state.step));
  let weightHash = '';
  let bytes = 0;
  writeFolderDurably(path, (folder) => {
    const { values, m, v, step } = state.adam;
    if (trainables.lora !== undefined) {
      writePeftAdapter(folder, adapterOf(trainables.lora, values, context.baseModel));
    } else {
      // A whole model: frozen parameters are copied from the base, so that the folder stands alone.
      const trained = new Map(trainables.ranges.map((r) => [r.name, r]));
      const frozen = baseReader(loaded);
      const { raw } = loaded.model.config, scored = loaded.model.family.headWeight(loaded.model.config) === SCORE_HEAD;
      writeModelFiles(folder, scored ? rewardConfig(raw) : raw, loaded.model.family.parameters(loaded.model.config).map(({ name, shape }) => {
        const range = trained.get(name);
        return { name, shape, data: () => (range === undefined ? frozen(name) : values.subarray(range.offset, range.offset + range.length)) };
      }), 'F32');
      copySideFiles(source, folder);
    }
    weightHash = hashFile(join(folder, weightFile(trainables.kind)));
    writeSafetensors(join(folder, 'optimizer.safetensors'), [
      { name: 'exp_avg', shape: [m.length], dtype: 'F32', data: () => m }, { name: 'exp_avg_sq', shape: [v.length], dtype: 'F32', data: () => v },
    ], { optimizer: 'adamw', step: String(step) });
    if (state.reference !== null) writeSafetensors(join(folder, REFERENCE_FILE), [{ name: 'reference', shape: [state.reference.length], dtype: 'F32', data: () => state.reference! }]);
    const saved: TrainerState = {
      format: FORMAT, global_step: state.step, epoch: state.epoch, num_input_tokens_seen: state.tokens, train_seconds: state.seconds, max_steps: context.totalSteps,
      rng: { generator: 'xoshiro128**/path', seed: context.seed }, data: { fingerprint: context.fingerprint, cursor: state.step }, schedule: { name: context.scheduler, next_step: state.step },
      window: state.window, method_state: state.method, execution: context.execution, ...(state.lossScale === null ? {} : { loss_scale: state.lossScale.state }), recipe_hash: context.recipeHash, weight_hash: weightHash, kind: trainables.kind,
    };
    writeFileDurably(join(folder, 'trainer_state.json'), `${JSON.stringify(saved, null, 2)}\n`);
    for (const name of readdirSync(folder)) bytes += statSync(join(folder, name)).size;
  });
  return { path, weightHash, bytes };
}

/** Deletes checkpoints of steps after `newest` (the run went back from them) and the oldest beyond `limit`, never that of `newest`. Returns what was removed. */
export function pruneCheckpoints(runFolder: string, limit: number, newest: number): string[] {
  const all = listCheckpoints(runFolder), later = all.filter((path) => checkpointStep(path) > newest);
  const removed = [...all.slice(0, all.length - later.length).slice(0, -Math.max(1, limit)), ...later];
  for (const path of removed) rmSync(path, { recursive: true, force: true });
  return removed;
}

/** Checkpoint folders of a run, oldest first. */
export function listCheckpoints(runFolder: string): string[] {
  if (!existsSync(runFolder)) return [];
  const steps = readdirSync(runFolder).flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return steps.sort((a, b) => a - b).map((step) => join(runFolder, checkpointName(step)));
}

/** Restores a checkpoint into `state`. Refuses a torn one, and one of another recipe, dataset or model, with `checkpoint-invalid`. */
export function readCheckpoint(folder: string, context: CheckpointContext, state: RunState): void {
  const bad = (problem: string): AnnealError => new AnnealError('checkpoint-invalid', `The checkpoint ${basename(folder)} cannot be resumed: ${problem}.`, { checkpoint: basename(folder) });
  const saved = readTrainerState(folder);
  const { trainables, model } = context.loaded;
  if (saved.kind !== trainables.kind) throw bad(`it holds ${saved.kind === 'full' ? 'full weights' : 'an adapter'}, which this recipe does not train`);
  if (saved.recipe_hash !== context.recipeHash) throw bad('it belongs to another recipe; clone the run instead');
  if (saved.data.fingerprint !== context.fingerprint) throw bad('the training data is not the one it was made with');
  if (saved.rng.seed !== context.seed) throw bad('its seed is another');
  const weights = join(folder, weightFile(saved.kind));
  if (!existsSync(weights) || hashFile(weights) !== saved.weight_hash) throw bad('its weights are missing or changed; use an earlier checkpoint');
  if (trainables.lora !== undefined) state.adam.values.set(adapterValues(trainables.lora, readPeftAdapter(folder)));
  else {
    const read = baseReader({ model, weights: checkParameters(model, readModelWeights(folder)) });
    for (const range of trainables.ranges) state.adam.values.set(read(range.name), range.offset);
  }
  const optimizer = readSafetensorsHeader(join(folder, 'optimizer.safetensors'));
  for (const [name, target] of [['exp_avg', state.adam.m], ['exp_avg_sq', state.adam.v]] as const) {
    const entry = optimizer.tensors.get(name);
    if (entry === undefined || entry.byteLength !== target.byteLength) throw bad(`its optimiser state has no ${name} of the right size`);
    target.set(readTensorFloats(entry));
  }
  if (state.reference !== null) {
    const entry = existsSync(join(folder, REFERENCE_FILE)) ? readSafetensorsHeader(join(folder, REFERENCE_FILE)).tensors.get('reference') : undefined;
    if (entry === undefined || entry.byteLength !== state.reference.byteLength) throw bad('the reference that followed the policy is missing');
    state.reference.set(readTensorFloats(entry));
  }
  state.adam.step = Number(optimizer.metadata['step'] ?? saved.global_step);
  if (saved.loss_scale !== undefined) state.lossScale?.restore(saved.loss_scale);
  Object.assign(state, { step: saved.global_step, epoch: saved.epoch, tokens: saved.num_input_tokens_seen, seconds: saved.train_seconds, window: saved.window, method: saved.method_state });
}

/** The bookkeeping of a checkpoint. Throws `checkpoint-invalid` when it is missing or broken. */
export function readTrainerState(folder: string): TrainerState {
  const path = join(folder, 'trainer_state.json');
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AnnealError('checkpoint-invalid', `The checkpoint ${basename(folder)} cannot be resumed: trainer_state.json is missing or not JSON; use an earlier checkpoint.`, { checkpoint: basename(folder) }, { cause });
  }
  const parsed = trainerState.safeParse(json);
  if (!parsed.success) throw new AnnealError('checkpoint-invalid', `The checkpoint ${basename(folder)} cannot be resumed: trainer_state.json was not written by this program (${parsed.error.issues[0]?.path.join('.') ?? ''}); use one of this app's checkpoints.`, { checkpoint: basename(folder) });
  return parsed.data;
}
