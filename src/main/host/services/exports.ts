/** Handlers of `exports`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const exportsService = ({ store, exports: jobs }: HostContext): Service<typeof contract.exports> => ({
  list: () => store.exports.list(),
  plan: (choice, { signal }) => jobs.plan(choice, signal),
  start: (choice) => jobs.start(choice),
  cancel: ({ id }) => jobs.cancel(id),
  remove: ({ id }) => { jobs.remove(id); return { ok: true }; },
});
