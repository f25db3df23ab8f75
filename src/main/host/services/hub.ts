/** Handlers of `hub`. */
import type { contract } from '../../../shared/contract.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { Download } from '../../../shared/schema/hub.ts';
import type { HostContext } from '../context.ts';
import { latest } from '../latest.ts';

export const hubService = ({ hub }: HostContext): Service<typeof contract.hub> => ({
  inspect: ({ model, file }, { signal }) => hub.inspect(model, file, signal),
  download: ({ model, file, name }) => hub.download(model, { file, name }),
  list: () => hub.list(),
  watch: async function* (_input, { signal }) {
    const line = latest<{ downloads: Download[] }>(), tell = (): void => { line.push('all', { downloads: hub.list() }); };
    const stop = hub.onChange(tell);
    try { tell(); yield* line.items(signal); } finally { stop(); }
  },
  pause: ({ id }) => hub.pause(id),
  resume: ({ id }) => hub.resume(id),
  cancel: async ({ id }) => { await hub.cancel(id); return { ok: true }; },
  access: () => hub.access(),
  token: ({ token, remember }) => hub.setToken(token, remember),
});
