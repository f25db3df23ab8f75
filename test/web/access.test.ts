import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accessFor, refusePage, refuseSocket, sameKey, SUBPROTOCOL } from '../../src/main/web/access.ts';

const access = accessFor(4000, 'k'.repeat(43));
const good = { host: '127.0.0.1:4000', origin: 'http://127.0.0.1:4000', 'sec-websocket-protocol': `${SUBPROTOCOL}, key.${access.key}` };

test('our own page gets in, by either name of the machine', () => {
  expect(refuseSocket('/rpc', good, access)).toBeUndefined();
  expect(refuseSocket('/rpc', { ...good, host: 'localhost:4000', origin: 'http://localhost:4000' }, access)).toBeUndefined();
  expect(refusePage('GET', { host: '127.0.0.1:4000' }, access)).toBeUndefined();
});

test.each([
  ['another path', '/other', {}, 'path'], ['no path', undefined, {}, 'path'],
  ['another name (DNS rebinding)', '/rpc', { host: 'evil.example:4000' }, 'host'], ['another port in the name', '/rpc', { host: '127.0.0.1:4001' }, 'host'], ['no name', '/rpc', { host: undefined }, 'host'],
  ['another origin', '/rpc', { origin: 'http://evil.example' }, 'origin'], ['another port as origin', '/rpc', { origin: 'http://127.0.0.1:4001' }, 'origin'], ['https', '/rpc', { origin: 'https://127.0.0.1:4000' }, 'origin'],
  ['no origin', '/rpc', { origin: undefined }, 'origin'], ['the null origin', '/rpc', { origin: 'null' }, 'origin'], ['two origins', '/rpc', { origin: ['http://127.0.0.1:4000', 'x'] }, 'origin'],
  ['no key', '/rpc', { 'sec-websocket-protocol': SUBPROTOCOL }, 'key'], ['a wrong key', '/rpc', { 'sec-websocket-protocol': `${SUBPROTOCOL}, key.${'x'.repeat(43)}` }, 'key'],
  ['a part of the key', '/rpc', { 'sec-websocket-protocol': `${SUBPROTOCOL}, key.kkk` }, 'key'], ['the key without the protocol', '/rpc', { 'sec-websocket-protocol': `key.${access.key}` }, 'key'],
])('a socket with %s is refused', (_what, url, change, why) => { expect(refuseSocket(url, { ...good, ...change }, access)).toBe(why); });

test('pages are for GET, our own name, and our own page; following a link from elsewhere is allowed', () => {
  const host = { host: '127.0.0.1:4000' };
  expect(refusePage('POST', host, access)).toBe(405);
  expect(refusePage('GET', { host: 'evil.example' }, access)).toBe(421);
  expect(refusePage('GET', { ...host, origin: 'http://evil.example' }, access)).toBe(403);
  expect(refusePage('GET', { ...host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }, access)).toBe(403);
  expect(refusePage('GET', { ...host, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, access)).toBe(403);
  expect(refusePage('GET', { ...host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, access)).toBeUndefined();
});

test('keys compare whole, and each start has a new one', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => { expect(sameKey(a, b)).toBe(a === b); }));
  expect(accessFor(1).key).not.toBe(accessFor(1).key);
  expect(accessFor(1).key).toMatch(/^[\w-]{43}$/);
});
