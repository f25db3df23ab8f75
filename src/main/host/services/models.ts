/** Handlers of `models`. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { RunStatus } from '../../../shared/schema/entities.ts';
import type { ModelImport } from '../../../shared/schema/model-import.ts';
import type { HostContext } from '../context.ts';
import { latest } from '../latest.ts';
import { isOver } from '../jobs/run-state.ts';

export const modelsService = ({ store, models, imports, embedded, engines, runs }: HostContext): Service<typeof contract.models> => ({
  list: async () => { await embedded.ready; return models.refresh(); },
  get: ({ id }) => models.describe(id),
  inspect: ({ path }) => models.inspect(path),
  import: ({ path, name }) => models.import(path, { name }),
  startImport: ({ path, name }) => imports.start(path, name),
  imports: async function* (_input, { signal }) {
    const line = latest<{ imports: ModelImport[] }>(), tell = (): void => { line.push('all', { imports: imports.list() }); };
    const stop = imports.onChange(tell);
    try { tell(); yield* line.items(signal); } finally { stop(); }
  },
  cancelImport: async ({ id }) => { await imports.cancel(id); return { ok: true }; },
  rename: ({ id, name }) => models.rename(id, name),
  tensors: async ({ id }) => { const folder = await models.folderOf(id); return engines.use('data', (api) => api.model.tensors({ folder })); },
  norms: async function* ({ id }, { signal }) {
    const folder = await models.folderOf(id);
    yield* engines.stream('data', (api) => api.model.norms({ folder }, { signal }));
  },
  render: async ({ id, messages }) => { const folder = await models.folderOf(id); return engines.use('data', (api) => api.model.render({ folder, messages, chat_template: null })); },
  remove: async ({ id, with_runs }) => {
    const model = store.models.get(id);
    if (model.source === 'embedded') throw new AnnealError('conflict', 'The embedded model belongs to Anneal and stays.');
    const users = store.runs.list().filter((r) => r.model_id === id), busy = users.find((r) => !removable(r.status));
    if (with_runs) {
      if (busy) throw new AnnealError('run-state', `The run "${busy.name}" is ${busy.status}: stop it before its model is removed.`, { status: busy.status });
      for (const run of users) await runs.remove(run.id, true);
    }
    const user = with_runs ? undefined : users[0];
    if (user) throw new AnnealError('conflict', `The run "${user.name}" was trained from this model: remove the run first.`, { run: user.name });
    for (const c of store.checkpoints.list()) if (c.model_id === id && c.imported !== undefined) store.checkpoints.remove(c.id);
    store.models.remove(id);
    await models.discard(model);
    return { ok: true };
  },
});

const removable = (status: RunStatus): boolean => isOver(status) || status === 'interrupted';
