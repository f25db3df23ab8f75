/** Handlers of `datasets`. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const datasetsService = ({ store, datasets, embedded }: HostContext): Service<typeof contract.datasets> => ({
  list: async () => { await embedded.ready; return store.datasets.list(); },
  inspect: ({ path, format, columns }) => datasets.inspect(path, { format, columns }),
  import: ({ path, name, format, columns, skip_bad_rows }) => datasets.import(path, { name, format, columns, skipBadRows: skip_bad_rows }),
  rows: ({ id, offset, limit, query }, { signal }) => datasets.rows(id, offset, limit, query, signal),
  export: ({ id, format, file }, { signal }) => datasets.export(id, format, file, signal),
  rename: ({ id, name }) => datasets.rename(id, name),
  remove: async ({ id }) => {
    const dataset = store.datasets.get(id);
    if (dataset.source === 'embedded') throw new AnnealError('conflict', 'The embedded dataset belongs to Anneal and stays.');
    const user = store.runs.list().find((r) => r.train_dataset_id === id || r.eval_dataset_id === id);
    if (user) throw new AnnealError('conflict', `The run "${user.name}" uses this dataset: remove the run first.`, { run: user.name });
    await datasets.remove(id);
    return { ok: true };
  },
});
