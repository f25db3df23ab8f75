/** How the page reaches the host: through a port that the desktop shell hands over, or a WebSocket to the server that the page came from. `connect()` gives one channel; call it again after it closed. */
import { AnnealError } from '../../../shared/errors.ts';
import type { Channel } from '../../../shared/rpc/channel.ts';
import { webPortChannel } from '../../../shared/rpc/port-channel.ts';
import type { WebPort } from '../../../shared/rpc/port-channel.ts';
import { openSocket } from '../../../shared/rpc/socket-channel.ts';
import type { SocketLike } from '../../../shared/rpc/socket-channel.ts';

export type Platform = 'desktop' | 'browser';
export const platform: Platform = location.protocol === 'anneal:' || navigator.userAgent.includes('Electron/') ? 'desktop' : 'browser';

export const connect = (): Promise<Channel> => (platform === 'desktop' ? askForPort('host') : dial());
/** The shell's own contract (shared/shell-contract.ts); only on the desktop. */
export const connectShell = (): Promise<Channel> => askForPort('shell');

function askForPort(want: 'host' | 'shell'): Promise<Channel> {
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const onMessage = (e: MessageEvent<{ anneal?: string; id?: unknown } | null>): void => {
      if (e.source !== window || e.origin !== location.origin || e.data?.anneal !== 'port' || e.data.id !== id) return;
      const port = e.ports[0];
      if (!port) return;
      window.removeEventListener('message', onMessage);
      const channel = webPortChannel(port as unknown as WebPort);
      // The host learns at once that the page has gone; and Chromium 114 crashes when a page is torn down with an open handed-over port.
      const onHide = (): void => { channel.close(); };
      window.addEventListener('pagehide', onHide);
      channel.onClose(() => { window.removeEventListener('pagehide', onHide); });
      resolve(channel);
    };
    window.addEventListener('message', onMessage);
    window.postMessage({ anneal: 'connect', want, id }, location.origin);
  });
}

const KEY = 'anneal.key';
/** Set by the server when the key is wrong: it was started again since. */
const UNAUTHORIZED = 4401;
const needLink = (): AnnealError => new AnnealError('unauthorized', 'This page needs the link that Anneal printed when it started: open that one.');

/** The key is in the link's fragment, which browsers send nowhere; it is moved out of the address at once. */
function takeKey(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (given !== null) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

async function dial(): Promise<Channel> {
  const key = takeKey();
  if (key === null) throw needLink();
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/rpc`, ['anneal.v1', `key.${key}`]);
  const refused = new Promise<never>((_, reject) => { socket.addEventListener('close', (e) => { if (e.code === UNAUTHORIZED) reject(needLink()); }); });
  refused.catch(() => { /* only of interest while dialling */ });
  const channel = await Promise.race([openSocket(socket as unknown as SocketLike), refused]);
  // A wrong key is told right after the opening.
  return Promise.race([firstMessage(channel), refused]);
}

/** Resolves with the channel once the host has said something, so that a refusal is seen as one. */
function firstMessage(channel: Channel): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const early: unknown[] = [];
    channel.onMessage((m) => { early.push(m); resolve({ ...channel, onMessage: (fn) => { for (const e of early.splice(0)) fn(e); channel.onMessage(fn); } }); });
    channel.onClose(() => { setTimeout(() => { reject(new AnnealError('disconnected', 'The program does not answer: it may have ended.')); }, 0); });
  });
}
