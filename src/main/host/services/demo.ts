/** Handlers of `demo`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';

export const demoService = ({ demo }: HostContext): Service<typeof contract.demo> => ({
  start: () => demo.start(),
  cancel: ({ id }) => demo.cancel(id),
  latest: () => demo.latest(),
});
