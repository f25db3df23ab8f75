/** Handlers of `exports`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { HostContext } from '../context.ts';

const notYet = (): never => { throw new AnnealError('unavailable', 'Exports cannot be started by this build yet.'); };

export const exportsService = ({ store }: HostContext): Service<typeof contract.exports> => ({
  list: () => store.exports.list(),
  plan: notYet,
  start: notYet,
  cancel: ({ id }) => store.exports.get(id),
  remove: ({ id }) => { store.exports.remove(id); return { ok: true }; },
});
