/** Channels over message ports (structured clone): the page's MessagePort, Electron's MessagePortMain, worker_threads. Not every port reports that its other end has gone, so closing sends `null` first. */
import { Inbox } from './channel.ts';
import type { Channel } from './channel.ts';

/** The page's kind of port. */
export interface WebPort { postMessage(m: unknown): void; addEventListener(type: string, fn: (e: { data?: unknown }) => void): void; start(): void; close(): void }
/** Electron's kind (data inside an event) and worker_threads' kind (plain data); `unwrap` tells them apart. */
export interface NodePort { postMessage(m: unknown): void; on(type: string, fn: (e: unknown) => void): unknown; start(): void; close(): void }

function build(postMessage: (m: unknown) => void, closePort: () => void, listen: (deliver: (m: unknown) => void, gone: () => void) => void): Channel {
  const inbox = new Inbox();
  const gone = (): void => { if (inbox.close()) closePort(); };
  listen((m) => { if (m === null) gone(); else inbox.deliver(m); }, gone);
  return {
    send: (m) => { if (!inbox.closed) postMessage(m); },
    onMessage: (fn) => { inbox.onMessage(fn); },
    onClose: (fn) => { inbox.onClose(fn); },
    close: () => { if (!inbox.closed) { postMessage(null); gone(); } },
  };
}

export function webPortChannel(port: WebPort): Channel {
  return build((m) => { port.postMessage(m); }, () => { port.close(); }, (deliver, gone) => {
    port.addEventListener('message', (e) => { deliver(e.data); });
    port.addEventListener('close', gone);
    port.start();
  });
}

export function nodePortChannel(port: NodePort, unwrap: (e: unknown) => unknown): Channel {
  return build((m) => { port.postMessage(m); }, () => { port.close(); }, (deliver, gone) => {
    port.on('message', (e) => { deliver(unwrap(e)); });
    port.on('close', gone);
    port.start();
  });
}

/** For Electron's MessagePortMain, in main and in utility processes. */
export const electronPortChannel = (port: NodePort): Channel => nodePortChannel(port, (e) => (e as { data: unknown }).data);
