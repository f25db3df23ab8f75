/** The loopback server of browser mode: the built page over HTTP, and one WebSocket a tab, each joined to a channel of the one host. Listens on 127.0.0.1 only. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { mimeType, NONCE_PLACEHOLDER, pageHeaders, requestParts } from '../../shared/page-policy.ts';
import type { Channel } from '../../shared/rpc/channel.ts';
import { socketChannel } from '../../shared/rpc/socket-channel.ts';
import type { SocketLike } from '../../shared/rpc/socket-channel.ts';
import { accessFor, refusePage, refuseSocket, SUBPROTOCOL } from './access.ts';
import type { Access } from './access.ts';

/** Largest message from a page, and how much may wait for a page that does not read before it is dropped. */
const MAX_MESSAGE = 16 << 20, MAX_WAITING = 64 << 20;
const MOST_TABS = 32;
const PING_MS = 20_000;
/** Close code that tells the page not to try again: its key is wrong. */
export const CLOSE_UNAUTHORIZED = 4401;

export interface PageServerOptions {
  /** out/renderer. */
  root: string;
  /** 0 picks a free one. */
  port: number;
  key?: string;
  /** Called for each tab that connected. */
  onPage: (channel: Channel) => void;
}
export interface PageServer { readonly port: number; readonly link: string; close(): Promise<void> }

export async function startPageServer({ root, port, key, onPage }: PageServerOptions): Promise<PageServer> {
  let access: Access | undefined;
  const server = createServer((request, response) => {
    answer(root, request, response, access).catch(() => { response.destroy(); });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false, handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false) });
  server.on('upgrade', (request, socket, head) => {
    const refusal = access ? refuseSocket(request.url, request.headers, access) : 'host';
    socket.on('error', () => { socket.destroy(); });
    // A page of ours with an old key is told so, through a socket that says nothing else; the rest gets a plain refusal.
    if ((refusal !== undefined && refusal !== 'key') || sockets.clients.size >= MOST_TABS) { socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'); return; }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      if (refusal === 'key') { ws.close(CLOSE_UNAUTHORIZED); return; }
      keepAlive(ws);
      onPage(guarded(ws));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as { port: number }).port;
  access = accessFor(bound, key);
  return {
    port: bound,
    // In the fragment: browsers send it nowhere.
    link: `http://127.0.0.1:${bound}/#key=${access.key}`,
    close: async () => {
      for (const ws of sockets.clients) ws.terminate();
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); });
    },
  };
}

/** A channel that gives up on a page which takes nothing: it will reconnect and resume. */
function guarded(ws: WebSocket): Channel {
  const channel = socketChannel(ws as unknown as SocketLike);
  return { ...channel, send: (m) => { if (ws.bufferedAmount > MAX_WAITING) ws.terminate(); else channel.send(m); } };
}

/** Drops sockets whose other end has silently gone (a sleeping laptop, a closed tunnel). */
function keepAlive(ws: WebSocket): void {
  let alive = true;
  ws.on('pong', () => { alive = true; });
  const timer = setInterval(() => {
    if (!alive) { ws.terminate(); return; }
    alive = false;
    ws.ping();
  }, PING_MS);
  ws.on('close', () => { clearInterval(timer); });
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse, access: Access | undefined): Promise<void> {
  const host = request.headers.host ?? '', refusal = access ? refusePage(request.method, request.headers, access) : 421;
  const nonce = randomBytes(16).toString('base64');
  const reply = (status: number, type: string, body: string | Buffer): void => {
    response.writeHead(status, { ...pageHeaders(nonce, refusal === undefined ? [`ws://${host}`] : []), 'Content-Type': type }).end(request.method === 'HEAD' ? undefined : body);
  };
  const plain = (status: number, text: string): void => { reply(status, 'text/plain; charset=utf-8', text); };
  if (refusal !== undefined) { plain(refusal, 'This address is not for you.\n'); return; }
  const parts = requestParts(new URL(request.url ?? '/', 'http://page').pathname);
  const file = parts ? join(root, ...parts) : root, inside = relative(root, file), type = mimeType(file);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) || type === undefined) { plain(404, 'There is nothing here.\n'); return; }
  let body: Buffer;
  try { body = await readFile(file); } catch { plain(404, 'There is nothing here.\n'); return; }
  reply(200, type, type.startsWith('text/html') ? body.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce) : body);
}
