/** Handlers of `caches`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import { clearCache, listCaches } from '../caches.ts';
import type { HostContext } from '../context.ts';

export const cachesService = ({ store, log }: HostContext): Service<typeof contract.caches> => ({
  list: () => listCaches(store.home.root),
  clear: async ({ cache }) => {
    const freed = await clearCache(store.home.root, cache);
    log.info(`cleared the cache "${cache}", as asked: ${freed.files} files, ${freed.bytes} bytes`);
    return freed;
  },
});
