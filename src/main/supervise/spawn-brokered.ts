/** Children that the shell starts on our behalf, in a host that is a utility process. The shell hands over one port for each channel. */
import { Inbox } from '../../shared/rpc/channel.ts';
import type { Channel } from '../../shared/rpc/channel.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { brokerContract } from '../../shared/process-contract.ts';
import type { ChildExit, ChildSpec, SpawnedChild, Spawner } from './spawner.ts';

/** A channel whose real one comes later. What is sent meanwhile waits. */
class LateChannel implements Channel {
  readonly #inbox = new Inbox();
  #real: Channel | undefined;
  #waiting: unknown[] = [];
  attach(real: Channel): void {
    if (this.#inbox.closed) { real.close(); return; }
    this.#real = real;
    for (const m of this.#waiting.splice(0)) real.send(m);
    real.onMessage((m) => { this.#inbox.deliver(m); });
    real.onClose(() => { this.#inbox.close(); });
  }
  send(m: unknown): void { if (this.#real) this.#real.send(m); else if (!this.#inbox.closed) this.#waiting.push(m); }
  onMessage(fn: (m: unknown) => void): void { this.#inbox.onMessage(fn); }
  onClose(fn: () => void): void { this.#inbox.onClose(fn); }
  close(): void { if (this.#inbox.close()) this.#real?.close(); }
}

export interface BrokeredSpawner extends Spawner {
  /** Give it every channel that the parent opens; true when the channel was one of ours. */
  accept(label: string, channel: Channel): boolean;
}

export function brokeredSpawner(broker: Channel): BrokeredSpawner {
  const { api } = createClient(brokerContract, broker), expected = new Map<string, LateChannel>();
  let nextKey = 1;
  const spawn = (spec: ChildSpec): SpawnedChild => {
    const channels = new Set<LateChannel>(), lineListeners: ((line: string) => void)[] = [], exitListeners: ((exit: ChildExit) => void)[] = [];
    let exit: ChildExit | undefined, pid: number | undefined;
    const ended = (value: ChildExit): void => {
      if (exit) return;
      exit = value;
      for (const c of channels) c.close();
      for (const fn of exitListeners.splice(0)) fn(value);
    };
    const lost = (e: unknown): void => { ended({ code: null, signal: null, reason: pid === undefined ? 'not-started' : 'error', tail: [e instanceof Error ? e.message : String(e)] }); };
    const started = api.spawn({ entry: 'engine', name: spec.name, args: spec.args, env: spec.env });
    started.then(async ({ id, pid: given }) => {
      pid = given ?? undefined;
      for await (const event of api.watch({ id })) {
        if (event.type === 'exit') ended(event.exit);
        else for (const fn of lineListeners) fn(event.line);
      }
    }).catch(lost);
    const tell = (what: 'release' | 'kill'): void => { started.then(({ id }) => api[what]({ id })).catch(lost); };
    return {
      name: spec.name,
      get pid() { return pid; },
      open: (label) => {
        const key = String(nextKey++), channel = new LateChannel();
        expected.set(key, channel);
        channels.add(channel);
        channel.onClose(() => { channels.delete(channel); expected.delete(key); });
        started.then(({ id }) => api.open({ id, label, key })).catch(lost);
        return channel;
      },
      onExit: (fn) => { if (exit) fn(exit); else exitListeners.push(fn); },
      onLine: (fn) => { lineListeners.push(fn); },
      release: () => { tell('release'); },
      kill: () => { tell('kill'); },
    };
  };
  return {
    kind: 'brokered', spawn,
    accept: (label, channel) => {
      if (!label.startsWith('child:')) return false;
      const late = expected.get(label.slice('child:'.length));
      if (late) { expected.delete(label.slice('child:'.length)); late.attach(channel); } else channel.close();
      return true;
    },
  };
}
