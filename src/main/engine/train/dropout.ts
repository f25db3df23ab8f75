/** Feeds of the adapter dropout masks: each layer of each micro-batch draws from a stream of its own, so masks depend on nothing but seed, step and place. */

import { fillKeepMask } from '../nn/lora.ts';
import { STREAM } from '../nn/random.ts';
import type { BatchShape } from './batch.ts';
import { maskName } from './step-graph.ts';
import type { Trainables } from './trainables.ts';

/** `path`: seed, step, micro-batch (further numbers allowed). Empty without dropout. */
export function dropoutFeeds(trainables: Trainables, shape: BatchShape, path: readonly number[]): Record<string, Uint8Array> {
  const lora = trainables.lora;
  const p = lora?.config.lora_dropout ?? 0;
  if (lora === undefined || p === 0) return {};
  return Object.fromEntries(lora.slots.map((slot, index) => {
    const mask = new Uint8Array(shape.rows * shape.length * slot.inFeatures);
    fillKeepMask(mask, p, [path[0] ?? 0, STREAM.dropout, ...path.slice(1), index]);
    return [maskName(slot), mask];
  }));
}
