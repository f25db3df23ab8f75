/**
 * The pipe between a parent process and its child, seen from both sides: child_process IPC (serialization 'advanced') or Electron's parentPort with handed-over ports.
 * Types are structural, so that this file needs neither Node nor Electron.
 */
import { Inbox } from './channel.ts';
import type { Channel } from './channel.ts';
import { createMux } from './mux.ts';
import { electronPortChannel } from './port-channel.ts';
import type { NodePort } from './port-channel.ts';

/** What `ChildProcess` and the child's own `process` have in common. */
export interface IpcEnd {
  send?(message: unknown, callback?: (error: Error | null) => void): boolean;
  on(event: 'message', fn: (message: unknown) => void): unknown;
  on(event: 'disconnect', fn: () => void): unknown;
  disconnect?(): void;
  readonly connected?: boolean;
}
/** Electron's `process.parentPort` in a utility process. */
export interface ParentPort { on(event: 'message', fn: (e: { data: unknown; ports?: NodePort[] }) => void): unknown; postMessage(message: unknown): void }

export function ipcChannel(end: IpcEnd): Channel {
  const inbox = new Inbox();
  end.on('message', (m) => { inbox.deliver(m); });
  end.on('disconnect', () => { inbox.close(); });
  return {
    // The callback takes the error of a pipe that broke meanwhile; 'disconnect' follows by itself.
    send: (m) => { if (!inbox.closed && end.connected !== false) end.send?.(m, () => { /* see above */ }); },
    onMessage: (fn) => { inbox.onMessage(fn); },
    onClose: (fn) => { inbox.onClose(fn); },
    close: () => { if (inbox.close() && end.connected !== false) end.disconnect?.(); },
  };
}

/** The parent as a child process sees it. */
export interface ParentLink {
  /** Channels that the parent opens, with the label it gave (`app`: serve the application contract; `main`: the only channel of an engine; ...). */
  onChannel(fn: (label: string, channel: Channel) => void): void;
  /** Opens a channel to the parent. Utility processes can't: there the parent opens all. */
  open?(label: string): Channel;
  /** The parent has gone or has let go: finish and exit. */
  onClose(fn: () => void): void;
}

/** Connects a child process to the parent that spawned it, whichever spawner that was. Call once, early; throws when the process has no parent. */
export function connectParent(proc: IpcEnd & { parentPort?: ParentPort }): ParentLink {
  const port = proc.parentPort;
  if (port) {
    const opened = new Inbox();
    // A utility process is killed with its parent, so its parent link never closes by itself; 'close' asks it to finish.
    const closing = new Inbox();
    port.on('message', (e) => {
      const message = e.data as { label?: unknown; close?: unknown } | null;
      if (message?.close === true) { closing.close(); return; }
      const given = e.ports?.[0];
      if (given && typeof message?.label === 'string') opened.deliver({ label: message.label, channel: electronPortChannel(given) });
    });
    return { onChannel: (fn) => { opened.onMessage((m) => { const o = m as { label: string; channel: Channel }; fn(o.label, o.channel); }); }, onClose: (fn) => { closing.onClose(fn); } };
  }
  if (!proc.send) throw new Error('This program is a part of Anneal and is started by it, not by hand.');
  const mux = createMux(ipcChannel(proc), 1);
  return { onChannel: (fn) => { mux.onOpen(fn); }, open: (label) => mux.open(label), onClose: (fn) => { mux.onClose(fn); } };
}
