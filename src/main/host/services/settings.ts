/** Handlers of `settings`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const settingsService = ({ store }: HostContext): Service<typeof contract.settings> => ({
  get: () => store.settings.get(),
  set: (patch) => store.settings.set(patch),
});
