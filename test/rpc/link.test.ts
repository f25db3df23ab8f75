import { expect, test } from 'vitest';
import { AnnealError } from '../../src/shared/errors.ts';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import type { Channel } from '../../src/shared/rpc/channel.ts';
import { createLink, resuming } from '../../src/shared/rpc/link.ts';
import { refusal } from '../../src/shared/rpc/protocol.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { echoContract, echoService } from '../support/echo.ts';

/** A server whose dialling can fail, and whose connections can be cut. */
function setup(failures = 0) {
  let left = failures, dials = 0, last: Channel | undefined;
  const dial = async (): Promise<Channel> => {
    dials++;
    if (left-- > 0) throw new AnnealError('disconnected', 'nobody there');
    const [a, b] = memoryPair();
    createServer(echoContract, { ...echoService, count: async function* count({ to }) { for (let i = to; i < 10; i++) { yield i; if (i === 3) last?.close(); await new Promise((r) => { setImmediate(r); }); } } }).accept(a);
    last = a;
    return b;
  };
  const link = createLink(echoContract, dial, { delaysMs: [1, 2], waitMs: 500 });
  return { link, cut: () => { last?.close(); }, dials: () => dials };
}

test('requests wait while it dials, and it dials again after failures', async () => {
  const { link, dials } = setup(3);
  expect(await link.api.echo({ value: 'a' })).toBe('a');
  expect(dials()).toBe(4);
  link.close();
});

test('after a broken connection the same client works again', async () => {
  const { link, cut } = setup(), states: string[] = [];
  link.onState((s) => states.push(s.status));
  await link.api.echo({ value: 'a' });
  cut();
  await new Promise((r) => { setTimeout(r, 5); });
  expect(await link.api.echo({ value: 'b' })).toBe('b');
  expect(states).toEqual(['open', 'connecting', 'open']);
  link.close();
});

test('a resumed stream continues after the last item seen', async () => {
  const { link } = setup(), got: number[] = [];
  for await (const n of resuming<number>((last) => link.api.count({ to: last === undefined ? 0 : last + 1 }))) got.push(n);
  expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  link.close();
});

test('a host that can not serve says why, and dialling goes on', async () => {
  let dials = 0;
  const link = createLink(echoContract, () => {
    const [a, b] = memoryPair();
    if (++dials < 3) { a.send(refusal({ code: 'unavailable', message: 'The store is in use.' })); a.close(); } else createServer(echoContract, echoService).accept(a);
    return Promise.resolve(b);
  }, { delaysMs: [5] }), reasons: (string | undefined)[] = [];
  link.onState((s) => { if (s.status === 'connecting') reasons.push(s.reason?.message); });
  expect(await link.api.echo({ value: 'a' })).toBe('a');
  expect(reasons).toEqual(['The store is in use.', 'The store is in use.']);
  link.close();
});

test('a refused key ends the dialling, with the reason', async () => {
  let dials = 0;
  const link = createLink(echoContract, () => { dials++; return Promise.reject(new AnnealError('unauthorized', 'no key')); }, { delaysMs: [1] });
  await expect(link.api.echo({ value: 'a' })).rejects.toMatchObject({ code: 'unauthorized' });
  expect(link.state.status).toBe('refused');
  expect(dials).toBe(1);
});

test('waiting has an end, a signal ends it sooner, and so does closing', async () => {
  const { link } = setup(1e9);
  const abort = new AbortController(), request = link.api.echo({ value: 'a' }, { signal: abort.signal });
  abort.abort();
  await expect(request).rejects.toMatchObject({ code: 'cancelled' });
  await expect(link.api.echo({ value: 'a' })).rejects.toMatchObject({ code: 'disconnected' });
  const last = link.api.echo({ value: 'a' });
  link.close();
  await expect(last).rejects.toMatchObject({ code: 'cancelled' });
});
