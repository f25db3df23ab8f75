/** Answers to the process that supervises the host: is there work, and end it safely. */
import type { hostControlContract } from '../../shared/process-contract.ts';
import type { Service } from '../../shared/rpc/define.ts';
import type { HostContext } from './context.ts';
import { isLive } from './jobs/run-state.ts';
import { latest } from './latest.ts';

export const controlService = ({ store, runs, demo, engines, roots }: HostContext): Service<typeof hostControlContract> => ({
  activity: async function* (_input, { signal }) {
    const busy = (): { id: string; name: string }[] => store.runs.list().filter((r) => isLive(r.status) || r.status === 'queued' || r.id === runs.current).map(({ id, name }) => ({ id, name }));
    const line = latest<null>();
    const stop = store.onChange((c) => { if (c.topic === 'run') line.push('', null); });
    let last: string | undefined;
    line.push('', null);
    try {
      for await (const _ of line.items(signal)) {
        const now = { runs: busy() }, text = JSON.stringify(now);
        if (text === last) continue; // most changes are steps, not beginnings or ends
        last = text;
        yield now;
      }
    } finally { stop(); }
  },
  allow: ({ path }) => { roots.allow(path); return { ok: true }; },
  stopAll: async ({ within_ms: within }) => {
    await demo.close();
    const stopped = await runs.close(within);
    await engines.close();
    return { stopped };
  },
});
