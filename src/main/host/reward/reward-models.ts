/** Which models and checkpoints are reward models, and the one sentence that refuses them where a language model is needed. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Checkpoint, Model } from '../../../shared/schema/entities.ts';
import type { Store } from '../../store/open.ts';

export function isRewardModel(store: Store, model: Model, checkpoint: Checkpoint | null): boolean {
  if (checkpoint === null) return model.kind === 'reward';
  if (checkpoint.imported !== undefined) return model.kind === 'reward' || checkpoint.imported.adapter.modules_to_save.includes('score');
  return store.runs.find(checkpoint.run_id)?.method === 'reward';
}

/** Throws `bad-request` when it gives scores and no text. `wanted`: what it was asked for, as in "to chat". */
export function refuseRewardModel(store: Store, model: Model, checkpoint: Checkpoint | null, wanted: string): void {
  if (isRewardModel(store, model, checkpoint)) throw new AnnealError('bad-request', `"${nameOf(model, checkpoint)}" is a reward model: it scores answers and writes no text, so it cannot be used ${wanted}; choose a language model.`);
}

/** Throws `bad-request` for a language model. */
export function needRewardModel(store: Store, model: Model, checkpoint: Checkpoint | null): void {
  if (!isRewardModel(store, model, checkpoint)) throw new AnnealError('bad-request', `"${nameOf(model, checkpoint)}" is a language model without a scalar head, so it cannot score answers; choose a reward model, or train one with the method reward.`);
}

export const nameOf = (model: Model, checkpoint: Checkpoint | null): string => (checkpoint === null ? model.name : checkpoint.imported === undefined ? `${checkpoint.run_name}@${checkpoint.step}` : checkpoint.run_name);
