/** After a step that was not finite: the state before the update that led to it, from memory or else from a checkpoint. Weights that gave finite losses and gradients are good; those of the failing step are not. */

import { AnnealError } from '../../../shared/errors.ts';
import { checkpointStep, listCheckpoints, readCheckpoint } from './checkpoint.ts';
import type { RunSetup } from './setup.ts';
import type { StepResult } from './train-step.ts';

/** What was not finite: the loss or gradient of the step that comes next, or the weights after the last one. */
export type NotFinite = 'loss' | 'gradient' | 'weights';

/** Goes back and says what happened and which rows the batch held, counted from 1 as everywhere that a person sees rows. `back` is false when there is no good state: then the state is not worth saving. */
export async function stopNotFinite(setup: RunSetup, result: StepResult, what: NotFinite): Promise<{ error: AnnealError; back: boolean }> {
  const { state, data } = setup;
  const failed = what === 'weights' ? state.step : state.step + 1;
  const untrained = state.step === 0;
  const back = !untrained && await goBack(setup);
  const sources = [...new Set(result.window.batches.flat().flatMap((row) => data.sources(row).map((index) => index + 1)))].sort((a, b) => a - b);
  const rows = sources.length > 16 ? `${sources.slice(0, 16).join(', ')} and ${sources.length - 16} more` : sources.join(', ');
  const problem = what === 'weights' ? `The weights after step ${failed} are not finite numbers (rows ${rows})` : `The ${what} of step ${failed} is not a finite number (rows ${rows})`;
  const rest = untrained ? 'nothing was trained before it: look at these rows and at the weights of the model'
    : `the run stopped and ${back ? `went back to step ${state.step}` : 'has no earlier state to go back to'}: lower the learning rate or look at these rows`;
  return { error: new AnnealError('loss-not-finite', `${problem}; ${rest}.`, { step: failed, back_to: state.step, rows }), back };
}

async function goBack(setup: RunSetup): Promise<boolean> {
  const { state, context, optimiser } = setup;
  if (await optimiser.rollBack()) return true;
  const earlier = listCheckpoints(context.runFolder).filter((path) => checkpointStep(path) < state.step);
  for (const path of earlier.reverse()) {
    try {
      readCheckpoint(path, context, state);
      await optimiser.refill();
      return true;
    } catch (error) {
      if (!(error instanceof AnnealError)) throw error;
    }
  }
  return false;
}

export function allFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
