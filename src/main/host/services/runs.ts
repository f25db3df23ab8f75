/** Handlers of `runs`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';
import { wantedDevice } from '../devices.ts';

export const runsService = ({ store, runs, resolver, devices }: HostContext): Service<typeof contract.runs> => ({
  list: () => store.runs.list(),
  get: ({ id }) => store.runs.get(id),
  create: async ({ recipe }) => {
    const resolved = await resolver.recipe(recipe);
    await devices.choose(wantedDevice(resolved.recipe)); // refused before there is a run
    return runs.create(resolved);
  },
  pause: ({ id }) => runs.pause(id),
  resume: ({ id }) => runs.resume(id),
  move: ({ id, to }) => runs.move(id, to),
  stop: ({ id }) => runs.stop(id),
  rename: ({ id, name }) => runs.rename(id, name),
  remove: async ({ id, files }) => { await runs.remove(id, files); return { ok: true }; },
  metrics: ({ id, names, x, points, from_step: from, to_step: to }) => ({ seq: store.runs.get(id).metric_seq, series: store.metrics.series(id, { names, x, points, from, to }) }),
  samples: ({ id }) => { store.runs.get(id); return store.samples.list(id); },
  log: ({ id, after, limit }) => { store.runs.get(id); return store.logs.list(id, after, limit); },
  checkpoints: ({ id }) => (id === undefined ? store.checkpoints.list() : store.checkpoints.of(id)),
  watch: async function* ({ id }, { signal }) {
    store.runs.get(id);
    yield* runs.news.watch(id, () => {
      const run = store.runs.find(id);
      return { seq: run?.metric_seq ?? 0, step: run?.step ?? 0, log_seq: store.logs.lastSeq(id), samples: store.samples.count(id) };
    }, signal);
  },
});
