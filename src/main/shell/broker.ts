/** Starts engines for a host that is a utility process, and gives both sides one end of each channel. Engines do not outlive the host that asked for them. */
import { MessageChannelMain } from 'electron';
import { AnnealError } from '../../shared/errors.ts';
import { brokerContract } from '../../shared/process-contract.ts';
import { createServer } from '../../shared/rpc/server.ts';
import type { ChildExit } from '../supervise/spawner.ts';
import type { UtilityChild, UtilitySpawner } from './spawn-utility.ts';

type WatchEvent = { type: 'line'; line: string } | { type: 'exit'; exit: ChildExit };

export function serveBroker(host: UtilityChild, spawner: UtilitySpawner): void {
  const children = new Map<number, UtilityChild>();
  let nextId = 1;
  const find = (id: number): UtilityChild => {
    const child = children.get(id);
    if (!child) throw new AnnealError('not-found', `There is no child process ${id}.`);
    return child;
  };
  const server = createServer(brokerContract, {
    spawn: (spec) => {
      const id = nextId++, child = spawner.spawn(spec);
      children.set(id, child);
      return { id, pid: child.pid ?? null };
    },
    open: ({ id, label, key }) => {
      const { port1, port2 } = new MessageChannelMain();
      find(id).hand(label, port1);
      host.hand(`child:${key}`, port2);
      return { ok: true as const };
    },
    release: ({ id }) => { find(id).release(); return { ok: true as const }; },
    kill: ({ id }) => { find(id).kill(); return { ok: true as const }; },
    watch: async function* watch({ id }, { signal }) {
      const queue: WatchEvent[] = [];
      let wake: () => void = () => undefined;
      const add = (event: WatchEvent): void => { queue.push(event); wake(); };
      const child = find(id);
      child.onLine((line) => { add({ type: 'line', line }); });
      child.onExit((exit) => { add({ type: 'exit', exit }); children.delete(id); });
      signal.addEventListener('abort', () => { wake(); });
      while (!signal.aborted) {
        const event = queue.shift();
        if (!event) { await new Promise<void>((r) => { wake = r; }); continue; }
        yield event;
        if (event.type === 'exit') return;
      }
    },
  });
  server.accept(host.open('broker'));
  host.onExit(() => { server.close(); for (const child of children.values()) child.kill(); });
}
