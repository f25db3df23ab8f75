/** Which arithmetic a run's frozen layers get: what the recipe asks for, where it is possible; `auto` takes int8 only where it was measured to learn alike and to be faster (shared/int8-proof). */

import { realpathSync, statSync } from 'node:fs';
import { AnnealError } from '../../../shared/errors.ts';
import { isFaster, isProven } from '../../../shared/int8-proof.ts';
import type { COMPUTES } from '../../../shared/methods/trainer.ts';
import { parameterCount } from '../models/parameters.ts';
import { int8IsExact } from '../runtime/int8-check.ts';
import { readTrainerState } from './checkpoint.ts';
import { planInt8, type Int8Base } from './int8-base.ts';
import type { LoadedModel } from './load.ts';
import type { TrainOptions } from './options.ts';

export type Compute = Exclude<(typeof COMPUTES)[number], 'auto'>;
type Choosing = Pick<TrainOptions, 'method' | 'config' | 'adapter' | 'device' | 'resume'>;

/** The layers of a run in 8 bit, values empty; undefined for fp32. Throws `recipe-value` where nothing is frozen, or where it is kept in 4 bit. */
export function int8Layers(compute: Compute, { model, weights, trainables, fourBit }: LoadedModel, device: TrainOptions['device'] = 'cpu', folder?: string): Int8Base | undefined {
  if (compute === 'fp32') return undefined;
  if (device !== 'cpu') throw new AnnealError('recipe-value', `train.compute int8 is for the processor, but this run is computed on ${device}; use compute: fp32, or device: cpu.`);
  if (trainables.lora === undefined) throw new AnnealError('recipe-value', 'train.compute int8 is for the frozen layers under an adapter, but adapter: none trains all weights; use compute: fp32, or a LoRA adapter.');
  if (fourBit !== undefined) throw new AnnealError('recipe-value', 'train.compute int8 and adapter.load_in_4bit exclude each other: the frozen layers are kept in one form only; switch one of them off.');
  return planInt8(model, trainables.lora, folder === undefined ? undefined : { folder, identity: weightIdentity(weights) });
}

/** Which bytes: files by size and times, tensors by place. Another file in the same place is another. */
function weightIdentity(weights: LoadedModel['weights']): string {
  const files = [...new Set([...weights.values()].map((w) => w.path))].map((path) => { const { size, mtimeMs, ctimeMs } = statSync(path); return [realpathSync(path), size, mtimeMs, ctimeMs]; });
  return JSON.stringify([files, [...weights.values()].map((w) => [w.name, w.dtype, w.offset, w.path])]);
}

/** Options in which `auto` has become fp32 or int8, with a sentence that says so. A run that goes on keeps what it began with. Throws where int8 is asked for and this processor rounds its sums. */
export async function settleCompute<T extends Choosing>(options: T, loaded: LoadedModel): Promise<{ options: T; note: string | null }> {
  const { compute } = options.config;
  if (compute === 'fp32') return { options, note: null };
  const settled = (chosen: Compute, note: string | null): { options: T; note: string | null } => ({ options: { ...options, config: { ...options.config, compute: chosen } }, note });
  if (compute === 'int8' || (options.resume !== null && readTrainerState(options.resume).execution.compute === 'int8')) {
    if (!await int8IsExact()) throw new AnnealError('unavailable', 'train.compute int8 cannot be used on this processor: its 8-bit products overflow in 16-bit sums; use compute: fp32.');
    return settled('int8', null);
  }
  if (options.resume !== null) return settled('fp32', null);
  // Nothing is frozen, it is kept in 4 bit, or a device computes it in the precision that was chosen for it: there is nothing to say.
  if (options.adapter === null || options.adapter.load_in_4bit || (options.device ?? 'cpu') !== 'cpu') return settled('fp32', null);
  const why = await reasonForFloat(options.method, options.adapter, loaded);
  return why === null ? settled('int8', 'The frozen layers are computed in int8: measured to learn as fp32 does for this method and size, and to be faster (compute: fp32 switches it off).') : settled('fp32', `The frozen layers are computed in fp32: ${why}.`);
}

async function reasonForFloat(method: Choosing['method'], adapter: NonNullable<Choosing['adapter']>, { model }: LoadedModel): Promise<string | null> {
  if (adapter.use_dora || adapter.init_lora_weights !== true) return 'int8 was measured with plain LoRA only';
  const parameters = parameterCount(model.family.parameters(model.config));
  if (!isProven(method, parameters)) return 'int8 was not measured to learn alike for this method and model size';
  if (!isFaster(method, parameters)) return 'int8 was not measured to be much faster at this model size';
  return await int8IsExact() ? null : 'this processor does not compute 8-bit products exactly';
}
