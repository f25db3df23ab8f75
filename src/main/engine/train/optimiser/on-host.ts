/** The optimiser in this process: gradients come back from every run, values go into the next. What it computes is the definition; the other place is checked against it. */

import type { TrainerConfig } from '../../../../shared/methods/trainer.ts';
import { reals } from '../../optim/reals.ts';
import { UpdateThreads } from '../../optim/update-threads.ts';
import type { Feed } from '../../runtime/device-tensor.ts';
import type { Program, Result } from '../../runtime/session.ts';
import { rollBack, type RunState } from '../run-state.ts';
import { addGradients, gradientTargets, trainableFeeds, type Trainables } from '../trainables.ts';
import { adamwOptions, type Optimiser, type Update } from './optimiser.ts';

export class HostOptimiser implements Optimiser {
  readonly place = 'host';
  readonly #state: RunState;
  readonly #trainables: Trainables;
  readonly #config: TrainerConfig;
  readonly #threads: UpdateThreads;
  #grads: Float32Array | undefined;

  /** Large vectors are updated on `threads` threads. */
  constructor(state: RunState, trainables: Trainables, config: TrainerConfig, threads: number) {
    this.#state = state;
    this.#trainables = trainables;
    this.#config = config;
    this.#threads = new UpdateThreads(threads);
  }

  /** Gradients of the window, as one flat vector. */
  get grads(): Float32Array { return this.#grads ??= reals(this.#trainables.length); }

  weights(): Record<string, Feed> { return trainableFeeds(this.#trainables, this.#state.adam.values); }

  async gather(program: Program, feeds: Record<string, Feed>, first: boolean): Promise<Record<string, Result>> {
    const outputs = await program.run({ ...feeds, ...this.weights() }, program.outputNames, first ? gradientTargets(this.#trainables, this.grads) : {});
    if (!first) addGradients(this.#trainables, outputs, this.grads);
    return outputs;
  }

  async norm(scale: number): Promise<number> {
    const { grads } = this;
    if (scale !== 1) for (let i = 0; i < grads.length; i++) grads[i] = grads[i]! * scale;
    return Promise.resolve(this.#threads.norm(grads));
  }

  async update({ clip, learningRate }: Update): Promise<void> {
    const state = this.#state, from = state.adam, to = state.previous?.adam ?? from;
    this.#threads.adamw(from, to, this.#trainables.ranges, { grads: this.grads, gradScale: clip, learningRate }, adamwOptions(this.#config));
    if (state.previous !== null) {
      state.previous.adam = from;
      state.adam = to;
    }
    return Promise.resolve();
  }

  async rollBack(): Promise<boolean> { return Promise.resolve(rollBack(this.#state)); }
  async fetch(): Promise<void> { return Promise.resolve(); }
  async refill(): Promise<void> { return Promise.resolve(); }
  async dispose(): Promise<void> { await this.#threads.dispose(); }
}
