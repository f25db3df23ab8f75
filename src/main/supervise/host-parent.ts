/** The host's view of whoever started it: channels to serve, and a spawner for engines that works where it runs. */
import type { Channel } from '../../shared/rpc/channel.ts';
import { connectParent } from '../../shared/rpc/process-channel.ts';
import type { IpcEnd, ParentPort } from '../../shared/rpc/process-channel.ts';
import { brokeredSpawner } from './spawn-brokered.ts';
import type { BrokeredSpawner } from './spawn-brokered.ts';
import { nodeSpawner } from './spawn-node.ts';
import type { Spawner } from './spawner.ts';

export interface HostParent {
  /** Channels of faces: serve the application contract on each. */
  onApp(fn: (channel: Channel) => void): void;
  /** Channels of the process that supervises us: serve `hostControlContract` on each. */
  onControl(fn: (channel: Channel) => void): void;
  /** Starts engines. */
  spawner: Spawner;
  /** The parent has gone or asks us to finish: save what must be saved, then exit. */
  onClose(fn: () => void): void;
}

/** Call once, at the start of the host process. */
export function connectHostParent(proc: IpcEnd & { parentPort?: ParentPort }): HostParent {
  const parent = connectParent(proc), apps: Channel[] = [], controls: Channel[] = [];
  let onApp: ((c: Channel) => void) | undefined, onControl: ((c: Channel) => void) | undefined;
  let broker: BrokeredSpawner | undefined;
  // A utility process can't fork; the shell does it, unless a plain Node was named.
  const brokered = proc.parentPort !== undefined && process.env['ANNEAL_ENGINE_NODE'] === undefined;
  parent.onChannel((label, channel) => {
    if (label === 'app') { if (onApp) onApp(channel); else apps.push(channel); }
    else if (label === 'control') { if (onControl) onControl(channel); else controls.push(channel); }
    else if (label === 'broker' && brokered) broker = brokeredSpawner(channel);
    else if (broker?.accept(label, channel) !== true) channel.close();
  });
  return {
    onApp: (fn) => { onApp = fn; for (const c of apps.splice(0)) fn(c); },
    onControl: (fn) => { onControl = fn; for (const c of controls.splice(0)) fn(c); },
    spawner: brokered ? {
      kind: 'brokered',
      spawn: (spec) => {
        if (!broker) throw new Error('The shell has not offered to start processes yet.');
        return broker.spawn(spec);
      },
    } : nodeSpawner(),
    onClose: (fn) => { parent.onClose(fn); },
  };
}
