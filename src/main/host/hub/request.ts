/**
 * One request to a hub. Redirects are followed by hand: only to https (plain http only between addresses of this machine), and the access token goes to the hub itself and nowhere else.
 * Every address is first named to the network guard, so that nothing else can be reached.
 */
import http from 'node:http';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import { AnnealError } from '../../../shared/errors.ts';
import type { NetworkUse } from '../../supervise/network-guard.ts';
import { isLocal } from './address.ts';

const REDIRECTS = 5;

export interface HubConnection {
  readonly endpoint: URL;
  readonly token: string | null;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly idleMs: number;
  readonly use: NetworkUse;
}
export interface HubAnswer { status: number; headers: http.IncomingHttpHeaders; body: IncomingMessage; /** Headers of the hub's own first answer, before a redirect. */ first: http.IncomingHttpHeaders }

export const unreachable = (endpoint: URL, why: string, cause?: unknown): AnnealError => new AnnealError('hub-unreachable', `${endpoint.host} cannot be reached (${why}): check the connection and try again; what was downloaded is kept.`, { host: endpoint.host }, { cause });

/** The last answer after redirects; its body must be read or destroyed. Throws `hub-unreachable`, `cancelled`. */
export async function hubRequest(connection: HubConnection, url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<HubAnswer> {
  let target = url, first: http.IncomingHttpHeaders | undefined;
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const answer = await once(connection, target, headers, signal), status = answer.statusCode ?? 0, location = answer.headers.location;
    first ??= answer.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return { status, headers: answer.headers, body: answer, first };
    answer.destroy();
    let next: URL;
    try { next = new URL(location, target); } catch (e) { throw unreachable(connection.endpoint, 'it redirects to something that is no address', e); }
    const plain = next.protocol === 'http:' && connection.endpoint.protocol === 'http:' && isLocal(next) && isLocal(connection.endpoint);
    if (next.protocol !== 'https:' && !plain) throw unreachable(connection.endpoint, `it redirects to ${next.protocol}//${next.host}, which is not a safe connection`);
    target = next;
  }
  throw unreachable(connection.endpoint, `it redirects more than ${REDIRECTS} times`);
}

function once({ endpoint, token, idleMs, use }: HubConnection, url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
  use.allow(url.hostname, Number(url.port) || (url.protocol === 'https:' ? 443 : 80));
  const secret = token !== null && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, { method: 'GET', agent: false, signal, headers: { 'user-agent': 'anneal', accept: '*/*', 'accept-encoding': 'identity', ...headers, ...secret } });
    request.setTimeout(idleMs, () => { request.destroy(new Error(`no answer for ${Math.round(idleMs / 1000)} s`)); });
    request.on('response', resolve);
    request.on('error', (e) => { reject(signal.aborted ? new AnnealError('cancelled', 'The request to the hub was cancelled.') : unreachable(endpoint, reason(e), e)); });
    request.end();
  });
}

function reason(e: Error): string {
  const code = 'code' in e ? String(e.code) : '';
  const known: Record<string, string> = { ENOTFOUND: 'its name is not known', EAI_AGAIN: 'no name service', ECONNREFUSED: 'it refuses the connection', ECONNRESET: 'the connection broke', ENETUNREACH: e.message.includes('refused') ? e.message.replace(/\.$/, '') : 'no network', ETIMEDOUT: 'no answer' };
  return known[code] ?? (e.message === '' ? code : e.message).slice(0, 160);
}

/** A small body as text. Throws `hub-unreachable` when it is larger than `limit` bytes. */
export async function readText(connection: HubConnection, answer: HubAnswer, limit: number): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > limit) { answer.body.destroy(); throw unreachable(connection.endpoint, `its answer is longer than ${limit} bytes`); }
      parts.push(part);
    }
  } catch (e) { throw e instanceof AnnealError ? e : unreachable(connection.endpoint, 'the connection broke', e); }
  return Buffer.concat(parts).toString('utf8');
}
