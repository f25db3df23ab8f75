/** Handlers of `adapters`: PEFT adapters from elsewhere, kept as checkpoints of the model that they fit. Their files stay where they are. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { AdapterFacts } from '../../../shared/schema/adapter.ts';
import type { Checkpoint } from '../../../shared/schema/entities.ts';
import type { HostContext } from '../context.ts';
import { newId } from '../ids.ts';
import { unusedName } from '../names.ts';

export const adaptersService = ({ store, models, engines, roots }: HostContext): Service<typeof contract.adapters> => {
  const inspect = async (path: string, modelId: string | null): Promise<AdapterFacts> => {
    const folder = await roots.check(path);
    if (!(await stat(folder)).isDirectory()) throw new AnnealError('adapter-invalid', `"${basename(folder)}" is a file: give the folder that holds adapter_config.json.`);
    const model = modelId === null ? null : await models.folderOf(modelId);
    return engines.use('data', (api) => api.model.adapter({ folder, model }));
  };
  const imported = (): Checkpoint[] => store.checkpoints.list().filter((c) => c.imported !== undefined);
  /** A name that neither another adapter nor a run has: recipes name their start by it. */
  const freeName = (name: string, except?: string): string => unusedName(name, [...store.runs.list(), ...imported().filter((c) => c.id !== except).map((c) => ({ name: c.run_name }))]);
  const get = (id: string): Checkpoint => {
    const found = store.checkpoints.get(id);
    if (found.imported === undefined) throw new AnnealError('conflict', `This checkpoint belongs to the run "${found.run_name}".`, { run: found.run_name });
    return found;
  };
  return {
    inspect: ({ path, model_id }) => inspect(path, model_id),
    import: async ({ path, model_id, name }) => {
      const facts = await inspect(path, model_id);
      if (facts.problem !== null) throw new AnnealError('adapter-invalid', facts.problem);
      const known = imported().find((c) => c.path === facts.path && c.model_id === model_id && c.weight_hash === facts.weight_hash);
      if (known) return name === undefined || name === known.run_name ? known : store.checkpoints.change(known.id, { run_name: freeName(name, known.id) });
      return store.checkpoints.put({
        id: newId('ckp'), run_id: '', run_name: freeName(name ?? (basename(facts.path) || 'adapter')), model_id, step: 0, path: facts.path, kind: 'adapter', weight_hash: facts.weight_hash, bytes: facts.bytes, metrics: {}, created_at: Date.now(),
        imported: { base: facts.base, adapter: facts.adapter },
      });
    },
    rename: ({ id, name }) => { get(id); return store.checkpoints.change(id, { run_name: freeName(name, id) }); },
    remove: ({ id }) => {
      get(id);
      const user = store.runs.list().find((r) => r.recipe.checkpoint === id);
      if (user) throw new AnnealError('conflict', `The run "${user.name}" starts from this adapter: remove the run first.`, { run: user.name });
      store.checkpoints.remove(id);
      return { ok: true };
    },
  };
};
