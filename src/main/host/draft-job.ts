/** The job of a recipe that has no run yet: for the review, the mask view and the trial. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../engine/protocol.ts';
import type { Store } from '../store/open.ts';
import { physicalCores } from './machine.ts';
import { referenceRef } from './reference-model.ts';
import type { Resolved } from './resolve.ts';

export function draftJob({ store }: { store: Store }, { recipe, model, train, evaluation, checkpoint }: Resolved): Job {
  return {
    recipe, model: { folder: model.path, checkpoint: checkpoint ? { folder: checkpoint.path, kind: checkpoint.kind } : null, chat_template: recipe.chat_template ?? null },
    train_dir: train.dir, eval_dir: evaluation?.dir ?? null, reference: referenceRef(store, recipe), run_dir: join(tmpdir(), `anneal-trial-${process.pid}`), resume: null, threads: recipe.threads ?? (store.settings.get().threads || physicalCores()),
  };
}
