/** Which arithmetic a run's frozen layers get: what the recipe asks for, where it is possible. */

import { AnnealError } from '../../../shared/errors.ts';
import type { COMPUTES } from '../../../shared/methods/trainer.ts';
import { planInt8, type Int8Base } from './int8-base.ts';
import type { LoadedModel } from './load.ts';

export type Compute = Exclude<(typeof COMPUTES)[number], 'auto'>;

/** The layers of a run in 8 bit, values empty; undefined for fp32. Throws `recipe-value` where nothing is frozen, or where it is kept in 4 bit. */
export function int8Layers(compute: Compute, { model, trainables, fourBit }: LoadedModel): Int8Base | undefined {
  if (compute === 'fp32') return undefined;
  if (trainables.lora === undefined) throw new AnnealError('recipe-value', 'train.compute int8 is for the frozen layers under an adapter, but adapter: none trains all weights; use compute: fp32, or a LoRA adapter.');
  if (fourBit !== undefined) throw new AnnealError('recipe-value', 'train.compute int8 and adapter.load_in_4bit exclude each other: the frozen layers are kept in one form only; switch one of them off.');
  return planInt8(model, trainables.lora);
}
