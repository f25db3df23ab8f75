/** Who may talk to the loopback server: our own page, with the key that the printed link carries. Pure decisions, so that each can be tested. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** Subprotocol that the page asks for; beside it stands `key.<key>`, which so is in no address, log or Referer. */
export const SUBPROTOCOL = 'anneal.v1';

export interface Access { readonly hosts: ReadonlySet<string>; readonly origins: ReadonlySet<string>; readonly key: string }

/** The literal names of this server; any other name that leads here (DNS rebinding) is refused. */
export function accessFor(port: number, key = randomBytes(32).toString('base64url')): Access {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return { hosts: new Set(hosts), origins: new Set(hosts.map((h) => `http://${h}`)), key };
}

/** Same time whatever differs; the length of the key is no secret. */
export function sameKey(given: string, key: string): boolean {
  const a = Buffer.from(given), b = Buffer.from(key);
  return a.length === b.length && timingSafeEqual(a, b);
}

type Headers = Record<string, string | string[] | undefined>;
const one = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

/** Status to refuse a page request with, or undefined when it may be answered. */
export function refusePage(method: string | undefined, headers: Headers, access: Access): 421 | 405 | 403 | undefined {
  if (!access.hosts.has(one(headers['host']))) return 421;
  if (method !== 'GET' && method !== 'HEAD') return 405;
  const site = one(headers['sec-fetch-site']);
  // Following the link from another page (a terminal in a browser) is fine: the page holds no data and can't be framed. Other pages get none of our files.
  const followed = one(headers['sec-fetch-mode']) === 'navigate' && one(headers['sec-fetch-dest']) === 'document';
  if (site !== '' && site !== 'same-origin' && site !== 'none' && !followed) return 403;
  const origin = one(headers['origin']);
  return origin !== '' && !access.origins.has(origin) ? 403 : undefined;
}

/** Why a WebSocket is refused, or undefined when it may be opened. */
export function refuseSocket(url: string | undefined, headers: Headers, access: Access): 'path' | 'host' | 'origin' | 'key' | undefined {
  if (url !== '/rpc') return 'path';
  if (!access.hosts.has(one(headers['host']))) return 'host';
  if (!access.origins.has(one(headers['origin']))) return 'origin';
  const offered = one(headers['sec-websocket-protocol']).split(',').map((p) => p.trim());
  const key = offered.find((p) => p.startsWith('key.'))?.slice('key.'.length) ?? '';
  return offered.includes(SUBPROTOCOL) && sameKey(key, access.key) ? undefined : 'key';
}
