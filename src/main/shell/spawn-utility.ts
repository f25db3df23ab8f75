/** Children as Electron utility processes: for a packaged app, which has no plain Node beside it. Needs an Electron whose Node-API the store can use. */
import { MessageChannelMain, utilityProcess } from 'electron';
import type { MessagePortMain } from 'electron';
import { electronPortChannel } from '../../shared/rpc/port-channel.ts';
import type { NodePort } from '../../shared/rpc/port-channel.ts';
import { childEntry } from '../supervise/child-entry.ts';
import { childEnvironment, classifyExit, LineTail } from '../supervise/spawner.ts';
import type { ChildExit, ChildSpec, SpawnedChild, Spawner } from '../supervise/spawner.ts';

/** better-sqlite3 aborts the process below this Node-API version, so it must be asked first. */
const NEEDED_NAPI = 10;
export const utilityWorks = (): boolean => Number(process.versions['napi'] ?? 0) >= NEEDED_NAPI;

export interface UtilityChild extends SpawnedChild {
  /** Gives a port to the child directly, so that its messages do not pass through here. */
  hand(label: string, port: MessagePortMain): void;
}
export interface UtilitySpawner extends Spawner { spawn(spec: ChildSpec): UtilityChild }

/** A typed view of a MessagePortMain as the shared channel code takes it. */
export const portOf = (port: MessagePortMain): NodePort => ({ postMessage: (m) => { port.postMessage(m); }, on: (type, fn) => port.on(type as 'message', fn), start: () => { port.start(); }, close: () => { port.close(); } });

export function utilitySpawner(entryFile: (spec: ChildSpec) => string = (spec) => childEntry(spec.entry)): UtilitySpawner {
  return { kind: 'utility', spawn: (spec) => spawnUtility(spec, entryFile(spec)) };
}

function spawnUtility(spec: ChildSpec, file: string): UtilityChild {
  const child = utilityProcess.fork(file, spec.args ?? [], { serviceName: `anneal-${spec.name}`, stdio: 'pipe', env: childEnvironment(process.env, { ...spec.env, ANNEAL_CHILD: spec.name }) });
  const lines = new LineTail(), channels = new Set<{ close: () => void }>(), listeners: ((exit: ChildExit) => void)[] = [];
  const asked = { released: false, killed: false };
  let exit: ChildExit | undefined;
  for (const out of [child.stdout, child.stderr]) out?.on('data', (chunk: Buffer) => { lines.push(chunk.toString('utf8')); });
  child.on('exit', (code) => {
    lines.flush();
    exit = { code, signal: null, reason: classifyExit(code, null, lines.tail, asked), tail: lines.tail };
    for (const c of channels) c.close();
    for (const fn of listeners.splice(0)) fn(exit);
  });
  const hand = (label: string, port: MessagePortMain): void => { child.postMessage({ label }, [port]); };
  return {
    name: spec.name,
    get pid() { return child.pid; },
    hand,
    open: (label) => {
      const { port1, port2 } = new MessageChannelMain(), channel = electronPortChannel(portOf(port2));
      hand(label, port1);
      channels.add(channel);
      channel.onClose(() => { channels.delete(channel); });
      return channel;
    },
    onExit: (fn) => { if (exit) fn(exit); else listeners.push(fn); },
    onLine: (fn) => { lines.onLine(fn); },
    release: () => { asked.released = true; child.postMessage({ close: true }); },
    kill: () => { asked.killed = true; child.kill(); },
  };
}
