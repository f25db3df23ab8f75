/** Keys and values of a batch of sequences, as the decode program reads them: per layer [B, kvHeads, slots, headDim], all rows starting at slot 0. */

export const MASKED = -1e9;

export interface CacheShape { layers: number; kvHeads: number; headDim: number }

export class KvCache {
  readonly shape: CacheShape;
  readonly batch: number;
  readonly slots: number;
  readonly keys: Float32Array[];
  readonly values: Float32Array[];
  /** Filled slots per row. */
  readonly lengths: Int32Array;
  /** Added to the scores; the last column stands for the new token. */
  readonly mask: Float32Array;

  constructor(shape: CacheShape, batch: number, slots: number) {
    this.shape = shape;
    this.batch = batch;
    this.slots = slots;
    const make = (): Float32Array[] => Array.from({ length: shape.layers }, () => new Float32Array(batch * shape.kvHeads * slots * shape.headDim));
    this.keys = make();
    this.values = make();
    this.lengths = new Int32Array(batch);
    this.mask = new Float32Array(batch * (slots + 1)).fill(MASKED);
    for (let b = 0; b < batch; b++) this.mask[b * (slots + 1) + slots] = 0;
  }

  feeds(): Record<string, Float32Array> {
    const feeds: Record<string, Float32Array> = { mask: this.mask };
    for (let i = 0; i < this.shape.layers; i++) { feeds[`k.${i}`] = this.keys[i] as Float32Array; feeds[`v.${i}`] = this.values[i] as Float32Array; }
    return feeds;
  }

  /** Copies `length` slots of row `from` out of arrays [B', kvHeads, stride, headDim] into row `row`. */
  load(row: number, source: { keys: readonly Float32Array[]; values: readonly Float32Array[]; stride: number }, from: number, length: number): void {
    const { kvHeads, headDim, layers } = this.shape;
    for (let i = 0; i < layers; i++) for (const [to, data] of [[this.keys[i], source.keys[i]], [this.values[i], source.values[i]]] as [Float32Array, Float32Array][]) {
      for (let h = 0; h < kvHeads; h++) {
        const start = (from * kvHeads + h) * source.stride * headDim;
        to.set(data.subarray(start, start + length * headDim), (row * kvHeads + h) * this.slots * headDim);
      }
    }
    this.lengths[row] = length;
    this.mask.fill(0, row * (this.slots + 1), row * (this.slots + 1) + length);
  }

  /** Appends what one decode step made, [2 layers, B, kvHeads, headDim], to the rows given. */
  append(fresh: Float32Array, rows: readonly number[]): void {
    const { kvHeads, headDim, layers } = this.shape;
    for (let i = 0; i < 2 * layers; i++) {
      const to = (i % 2 ? this.values : this.keys)[i >> 1] as Float32Array;
      for (const b of rows) for (let h = 0; h < kvHeads; h++) {
        const start = ((i * this.batch + b) * kvHeads + h) * headDim;
        let at = ((b * kvHeads + h) * this.slots + (this.lengths[b] as number)) * headDim;
        for (let k = 0; k < headDim; k++) to[at++] = fresh[start + k] as number;
      }
    }
    for (const b of rows) {
      this.mask[b * (this.slots + 1) + (this.lengths[b] as number)] = 0;
      this.lengths[b] = (this.lengths[b] as number) + 1;
    }
  }

  /** A cache of another size with the given rows of this one, in that order. */
  resized(rows: readonly number[], batch: number, slots: number): KvCache {
    const made = new KvCache(this.shape, batch, slots);
    rows.forEach((from, row) => made.load(row, { keys: this.keys, values: this.values, stride: this.slots }, from, this.lengths[from] as number));
    return made;
  }
}
