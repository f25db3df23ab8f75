/** The reference policy that a recipe names in `train.ref_model`: a model, or a checkpoint on its model. */
import { existsSync } from 'node:fs';
import { AnnealError } from '../../shared/errors.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import type { ModelRef } from '../engine/protocol.ts';
import type { Store } from '../store/open.ts';

export const namedReference = ({ train }: Recipe): string | null => ('ref_model' in train ? train.ref_model : null);

/** With `train.ref_model` as the id of a record; null: the policy at its start. Throws `not-found` or `file-not-found` when it is gone. */
export function referenceRef(store: Store, recipe: Recipe): ModelRef | null {
  const ref = namedReference(recipe);
  if (ref === null) return null;
  const checkpoint = store.checkpoints.list().find((c) => c.id === ref) ?? null;
  const model = store.models.find(checkpoint?.model_id ?? ref);
  if (!model) throw new AnnealError('not-found', `The reference ${ref} (train.ref_model) is gone; name another, or leave it out to measure against the start of the run.`, { ref });
  if (!existsSync(model.path)) throw new AnnealError('file-not-found', `The folder of the reference "${model.name}" is gone: put it back, then start again.`);
  return { folder: model.path, checkpoint: checkpoint ? { folder: checkpoint.path, kind: checkpoint.kind } : null, chat_template: null };
}
