/** Handlers of `models`. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const modelsService = ({ store, models, embedded }: HostContext): Service<typeof contract.models> => ({
  list: async () => { await embedded.ready; return models.refresh(); },
  get: ({ id }) => models.inspect(store.models.get(id).path),
  inspect: ({ path }) => models.inspect(path),
  import: ({ path, name }) => models.import(path, { name }),
  rename: ({ id, name }) => models.rename(id, name),
  remove: ({ id }) => {
    const model = store.models.get(id);
    if (model.source === 'embedded') throw new AnnealError('conflict', 'The embedded model belongs to Anneal and stays.');
    const user = store.runs.list().find((r) => r.model_id === id);
    if (user) throw new AnnealError('conflict', `The run "${user.name}" was trained from this model: remove the run first.`, { run: user.name });
    store.models.remove(id); // its folder is the person's and stays
    return { ok: true };
  },
});
