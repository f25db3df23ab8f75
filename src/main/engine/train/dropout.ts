/** Feeds of the adapter dropout masks: each layer of each micro-batch draws from a stream of its own, so masks depend on nothing but seed, step and place. */

import { fillKeepMask } from '../nn/lora.ts';
import { STREAM } from '../nn/random.ts';
import type { BatchShape } from './batch.ts';
import type { Trainables } from './trainables.ts';

/** The one dropout mask input of a LoRA layer. */
export function maskName(slot: { module: string }): string { return `keep:${slot.module}`; }

/** The adapter's dropout, unless the method switches it off for policy and reference alike. */
export function dropoutRate({ lora }: Trainables, config: object): number {
  return 'disable_dropout' in config && config.disable_dropout === true ? 0 : (lora?.config.lora_dropout ?? 0);
}

/** `path`: seed, step, micro-batch (further numbers allowed). Empty without dropout. */
export function dropoutFeeds(trainables: Trainables, shape: BatchShape, config: object, path: readonly number[]): Record<string, Uint8Array> {
  const lora = trainables.lora;
  const p = dropoutRate(trainables, config);
  if (lora === undefined || p === 0) return {};
  return Object.fromEntries(lora.slots.map((slot, index) => {
    const mask = new Uint8Array(shape.rows * shape.length * slot.inFeatures);
    fillKeepMask(mask, p, [path[0] ?? 0, STREAM.dropout, ...path.slice(1), index]);
    return [maskName(slot), mask];
  }));
}
