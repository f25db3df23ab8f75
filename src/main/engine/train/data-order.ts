/** Which rows each optimiser step sees: a pure function of the seed and the step, so a resumed run reads the very same batches. Semantics of transformers' Trainer: no row dropped, the last window of an epoch may be short. */

import { Random, STREAM } from '../nn/random.ts';

export interface OrderOptions { rows: number; batchSize: number; accumulation: number; shuffle: boolean; seed: number }
export interface StepWindow { epoch: number; /** Row indexes of each micro-batch. */ batches: number[][]; /** Epochs done after this step, e.g. 1.25. */ progress: number }

export class DataOrder {
  readonly options: OrderOptions;
  readonly batchesPerEpoch: number;
  readonly stepsPerEpoch: number;
  #epoch = -1;
  #order: ArrayLike<number> = [];

  constructor(options: OrderOptions) {
    this.options = options;
    this.batchesPerEpoch = Math.ceil(options.rows / options.batchSize);
    this.stepsPerEpoch = Math.ceil(this.batchesPerEpoch / options.accumulation);
  }

  /** `step` counts from 0. */
  window(step: number): StepWindow {
    const { rows, batchSize, accumulation } = this.options;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const order = this.#permutation(epoch);
    const first = (step % this.stepsPerEpoch) * accumulation;
    const last = Math.min(first + accumulation, this.batchesPerEpoch);
    const batches: number[][] = [];
    for (let b = first; b < last; b++) {
      const batch: number[] = [];
      for (let i = b * batchSize; i < Math.min(rows, (b + 1) * batchSize); i++) batch.push(order[i]!);
      batches.push(batch);
    }
    return { epoch, batches, progress: epoch + last / this.batchesPerEpoch };
  }

  #permutation(epoch: number): ArrayLike<number> {
    if (epoch !== this.#epoch) {
      const { rows, shuffle, seed } = this.options;
      this.#order = shuffle ? new Random(seed, STREAM.shuffle, epoch).permutation(rows) : Int32Array.from({ length: rows }, (_, i) => i);
      this.#epoch = epoch;
    }
    return this.#order;
  }
}

/** max_steps wins when positive; a fraction of an epoch is rounded up to whole steps. */
export function totalSteps(order: DataOrder, maxSteps: number, epochs: number): number {
  return maxSteps > 0 ? maxSteps : Math.ceil(epochs * order.stepsPerEpoch);
}
