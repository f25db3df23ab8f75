/** Where trained values, moments and gradients live, and what an optimiser step does with them: in this process (on-host.ts), or in the memory of the device that computes the gradients (on-device.ts). */

import type { TrainerConfig } from '../../../../shared/methods/trainer.ts';
import type { AdamWOptions } from '../../optim/adamw.ts';
import type { Feed } from '../../runtime/device-tensor.ts';
import type { Program, Result } from '../../runtime/session.ts';

export interface Update { /** Factor on the gradients: clipping. */ clip: number; learningRate: number }

export interface Optimiser {
  readonly place: 'host' | 'device';
  /** The trained values as programs are fed with them. */
  weights(): Record<string, Feed>;
  /** Runs a compiled training step and adds its gradients to those of the window; `first` begins a window. Returns the other outputs. */
  gather(program: Program, feeds: Record<string, Feed>, first: boolean): Promise<Record<string, Result>>;
  /** Multiplies the window's gradients by `scale` (what undoes the loss scale) and returns their L2 norm: not finite when one of them is not. */
  norm(scale: number): Promise<number>;
  /** Updates values and moments and counts the update. The state before it is remembered where `previous` of the run's state is set. */
  update(update: Update): Promise<void>;
  /** Returns to the state before the last update. False when there is none. */
  rollBack(): Promise<boolean>;
  /** Brings `state.adam` up to date: the values, or the moments too. */
  fetch(what: 'values' | 'all'): Promise<void>;
  /** Takes what `state.adam` holds: a checkpoint was read into it. */
  refill(): Promise<void>;
  dispose(): Promise<void>;
}

export const adamwOptions = (config: TrainerConfig): AdamWOptions => ({ beta1: config.adam_beta1, beta2: config.adam_beta2, eps: config.adam_epsilon, weightDecay: config.weight_decay });
