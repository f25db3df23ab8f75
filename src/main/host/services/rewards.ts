/** Handlers of `rewards`. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const rewardsService = ({ store, rewards }: HostContext): Service<typeof contract.rewards> => ({
  card: ({ id }) => rewards.of(id),
  measure: ({ id }, { signal }) => rewards.measure(id, signal),
  score: async function* ({ model_id, checkpoint_id, dataset_id, rows, judge }, { signal }) {
    const model = store.models.get(model_id), checkpoint = checkpoint_id === null ? null : store.checkpoints.get(checkpoint_id);
    if (checkpoint && checkpoint.model_id !== model.id) throw new AnnealError('bad-request', `The checkpoint of ${checkpoint.run_name} at step ${checkpoint.step} belongs to another model than "${model.name}".`);
    yield* rewards.score(model, checkpoint, store.datasets.get(dataset_id), { rows, judge, signal });
  },
});
