/**
 * The words on the wire. Every message on a channel is one frame. Requests carry ids chosen by the client; every `call` gets exactly one `ok` or `fail`;
 * every `open` gets items, never more than the credit granted, and exactly one `end`. Ids begin at 1; an `end` with id 0 is the last word on a channel that can't be served, with the reason.
 */
import type { ErrorShape } from '../errors.ts';

export const PROTOCOL_VERSION = 1;
/** Credit a client grants when it opens a stream, and so the most items that can be in flight. */
export const STREAM_CREDIT = 32;

export type Frame =
  | { t: 'hello'; protocol: number; hash: string; version: string; capabilities: string[] }
  | { t: 'call'; id: number; name: string; input?: unknown }
  | { t: 'ok'; id: number; value?: unknown }
  | { t: 'fail'; id: number; error: ErrorShape }
  | { t: 'open'; id: number; name: string; input?: unknown; credit: number }
  | { t: 'item'; id: number; value?: unknown }
  | { t: 'credit'; id: number; n: number }
  | { t: 'end'; id: number; error?: ErrorShape }
  | { t: 'cancel'; id: number };

/** Says on a channel why it is not served. */
export const refusal = (error: ErrorShape): Frame => ({ t: 'end', id: 0, error });

export type Hello = Extract<Frame, { t: 'hello' }>;

const isId = (x: unknown): boolean => typeof x === 'number' && Number.isSafeInteger(x) && x >= 0;
const isText = (x: unknown, max: number): boolean => typeof x === 'string' && x.length <= max;
const isCount = (x: unknown): boolean => isId(x) && (x as number) >= 1 && (x as number) <= 1_000_000;
const isError = (x: unknown): boolean => typeof x === 'object' && x !== null && 'code' in x && 'message' in x && isText(x.code, 64) && typeof x.message === 'string';

/** Checks the envelope of a message from the other side (payloads are checked against the contract later). */
export function isFrame(x: unknown): x is Frame {
  if (typeof x !== 'object' || x === null) return false;
  const f = x as Record<string, unknown>;
  switch (f['t']) {
    case 'hello': return isId(f['protocol']) && isText(f['hash'], 64) && isText(f['version'], 64) && Array.isArray(f['capabilities']) && f['capabilities'].every((c) => isText(c, 64));
    case 'call': return isId(f['id']) && isText(f['name'], 128);
    case 'open': return isId(f['id']) && isText(f['name'], 128) && isCount(f['credit']);
    case 'ok': case 'item': case 'cancel': return isId(f['id']);
    case 'credit': return isId(f['id']) && isCount(f['n']);
    case 'fail': return isId(f['id']) && isError(f['error']);
    case 'end': return isId(f['id']) && (f['error'] === undefined || isError(f['error']));
    default: return false;
  }
}
