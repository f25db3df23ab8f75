/** Handlers of `hub`. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

const missing = (): never => { throw new AnnealError('unavailable', 'Downloading from a hub is not in this build yet.'); };
export const hubService = (_ctx: HostContext): Service<typeof contract.hub> => ({
  inspect: missing, download: missing, list: () => [], watch: async function* () { yield { downloads: [] }; }, pause: missing, resume: missing, cancel: missing, access: missing, token: missing,
});
