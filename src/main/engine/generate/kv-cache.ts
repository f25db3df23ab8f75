/**
 * What a batch of sequences has left behind, as the decode program reads it: of attention layers keys and values [B, kvHeads, slots, headDim], all rows
 * starting at slot 0; of short convolutions their last inputs [B, steps, channels], oldest first, zeros before the start.
 */

import type { DecoderConfig } from '../models/config.ts';

export const MASKED = -1e9;

/** `attention` and `conv` are the numbers of the layers that have such state. */
export interface CacheShape { attention: readonly number[]; kvHeads: number; headDim: number; conv: readonly number[]; steps: number; channels: number }

export function cacheShape({ blocks, kvHeads, headDim, conv, hiddenSize }: DecoderConfig): CacheShape {
  const layers = (mixer: string): number[] => blocks.flatMap((b, i) => (b.mixer === mixer ? [i] : []));
  const steps = conv === null ? 0 : conv.kernel - 1;
  return { attention: layers('attention'), kvHeads, headDim, conv: steps === 0 ? [] : layers('conv'), steps, channels: hiddenSize };
}

/** Names of the state's arrays, in the programs and here. */
export function stateNames({ attention, conv }: CacheShape): string[] { return [...attention.flatMap(i => [`k.${i}`, `v.${i}`]), ...conv.map(i => `conv.${i}`)]; }

/** State by name, rows of `stride` key slots: a prefill's outputs or another cache. */
export interface DecodeState { arrays: Readonly<Record<string, Float32Array>>; stride: number }

export class KvCache {
  readonly shape: CacheShape;
  readonly batch: number;
  readonly slots: number;
  readonly arrays: Record<string, Float32Array> = {};
  /** Filled slots per row. */
  readonly lengths: Int32Array;
  /** Added to the scores; the last column stands for the new token. */
  readonly mask: Float32Array;

  constructor(shape: CacheShape, batch: number, slots: number) {
    this.shape = shape;
    this.batch = batch;
    this.slots = slots;
    for (const name of stateNames(shape)) this.arrays[name] = new Float32Array(name.startsWith('conv.') ? batch * shape.steps * shape.channels : batch * shape.kvHeads * slots * shape.headDim);
    this.lengths = new Int32Array(batch);
    this.mask = new Float32Array(batch * (slots + 1)).fill(MASKED);
    for (let b = 0; b < batch; b++) this.mask[b * (slots + 1) + slots] = 0;
  }

  feeds(): Record<string, Float32Array> { return { ...this.arrays, mask: this.mask }; }

  /** Copies `length` slots of row `from` of a state into row `row`. */
  load(row: number, { arrays, stride }: DecodeState, from: number, length: number): void {
    const { kvHeads, headDim, steps, channels, conv, attention } = this.shape;
    for (const i of attention) for (const name of [`k.${i}`, `v.${i}`]) {
      for (let h = 0; h < kvHeads; h++) {
        const start = (from * kvHeads + h) * stride * headDim;
        this.arrays[name]!.set(arrays[name]!.subarray(start, start + length * headDim), (row * kvHeads + h) * this.slots * headDim);
      }
    }
    const size = steps * channels;
    for (const i of conv) this.arrays[`conv.${i}`]!.set(arrays[`conv.${i}`]!.subarray(from * size, (from + 1) * size), row * size);
    this.lengths[row] = length;
    this.mask.fill(0, row * (this.slots + 1), row * (this.slots + 1) + length);
  }

  /** Appends what one decode step made to the rows given: `fresh` [2, B, attention layers, kvHeads, headDim] and `fresh_conv` [convolution layers, B, channels]. */
  append(made: { fresh?: Float32Array; fresh_conv?: Float32Array }, rows: readonly number[]): void {
    const { attention, conv } = this.shape;
    attention.forEach((layer, i) => { this.#appendKeys(`k.${layer}`, made.fresh!, 0, i, rows); this.#appendKeys(`v.${layer}`, made.fresh!, 1, i, rows); });
    conv.forEach((layer, i) => { this.#shift(this.arrays[`conv.${layer}`]!, made.fresh_conv!, i, rows); });
    for (const b of rows) {
      this.mask[b * (this.slots + 1) + (this.lengths[b] as number)] = 0;
      this.lengths[b] = (this.lengths[b] as number) + 1;
    }
  }

  #appendKeys(name: string, fresh: Float32Array, half: 0 | 1, layer: number, rows: readonly number[]): void {
    const { kvHeads, headDim, attention } = this.shape;
    const to = this.arrays[name]!;
    for (const b of rows) for (let h = 0; h < kvHeads; h++) {
      const start = (((half * this.batch + b) * attention.length + layer) * kvHeads + h) * headDim;
      let at = ((b * kvHeads + h) * this.slots + (this.lengths[b] as number)) * headDim;
      for (let k = 0; k < headDim; k++) to[at++] = fresh[start + k] as number;
    }
  }

  #shift(state: Float32Array, fresh: Float32Array, plane: number, rows: readonly number[]): void {
    const { steps, channels } = this.shape;
    for (const b of rows) {
      const start = b * steps * channels;
      state.copyWithin(start, start + channels, start + steps * channels);
      const from = (plane * this.batch + b) * channels;
      state.set(fresh.subarray(from, from + channels), start + (steps - 1) * channels);
    }
  }

  /** A cache of another size with the given rows of this one, in that order. */
  resized(rows: readonly number[], batch: number, slots: number): KvCache {
    const made = new KvCache(this.shape, batch, slots);
    rows.forEach((from, row) => made.load(row, { arrays: this.arrays, stride: this.slots }, from, this.lengths[from] as number));
    return made;
  }
}
