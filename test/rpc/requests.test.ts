/** What handlers and callers see: validation, errors, cancellation, policies. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AnnealError } from '../../src/shared/errors.ts';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { call, contractHash, definitions, stream } from '../../src/shared/rpc/define.ts';
import type { Contract, Service } from '../../src/shared/rpc/define.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import type { ServerOptions } from '../../src/shared/rpc/server.ts';

const contract = {
  math: {
    add: call({ input: z.object({ a: z.number(), b: z.number().default(1) }), output: z.number() }),
    fail: call({ input: z.object({}), output: z.void() }),
    wait: call({ input: z.object({}), output: z.void() }),
    wrong: call({ input: z.object({}), output: z.string() }),
  },
  count: stream({ input: z.object({ to: z.number() }), item: z.number(), policy: 'every' }),
  latest: stream({ input: z.object({ to: z.number() }), item: z.number(), policy: 'latest' }),
} satisfies Contract;

/** `produced` counts what the sources made; `aborted` records the signal of `math.wait`. */
function setup(options: ServerOptions = {}) {
  const seen = { produced: 0, aborted: false, returned: false };
  const count = async function* counter({ to }: { to: number }): AsyncGenerator<number> {
    try { for (let i = 0; i < to; i++) { seen.produced++; yield i; } } finally { seen.returned = true; }
  };
  class MathService implements Service<typeof contract.math> {
    readonly #extra = 0;
    add({ a, b }: { a: number; b: number }): number { return a + b + this.#extra; }
    fail(): never { throw new Error('secret path /home/x'); }
    async wait(_: object, { signal }: { signal: AbortSignal }): Promise<void> { await new Promise<void>((_ok, no) => { signal.addEventListener('abort', () => { seen.aborted = true; no(signal.reason as Error); }); }); }
    wrong(): string { return 1 as unknown as string; }
  }
  const [a, b] = memoryPair();
  const server = createServer(contract, { math: new MathService(), count, latest: count }, options);
  server.accept(a);
  return { server, client: createClient(contract, b), seen, channel: b };
}

test('a call gets defaults filled in and its answer back, through a class with private state', async () => {
  const { client } = setup();
  await expect(client.api.math.add({ a: 2 })).resolves.toBe(3);
  await expect(client.api.math.add({ a: 2, b: 5 })).resolves.toBe(7);
});

test('inputs are strict: wrong types, unknown keys and excessive depth are refused with the place', async () => {
  const { client } = setup();
  await expect(client.api.math.add({ a: 'x' as unknown as number })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringMatching(/math\.add.* at a: /) as string });
  await expect(client.api.math.add({ a: 1, c: 1 } as { a: number })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('"c"') as string });
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  await expect(client.api.math.add(deep as { a: number })).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('levels of nesting') as string });
});

test('an unexpected exception becomes internal with an id that the log has, and tells nothing else', async () => {
  const log: { id: string; error: unknown }[] = [];
  const { client } = setup({ log: (id, _name, error) => { log.push({ id, error }); } });
  const e = await client.api.math.fail().catch((x: unknown) => x) as AnnealError;
  expect(e.code).toBe('internal');
  expect(e.params['id']).toBe(log[0]?.id);
  expect(JSON.stringify(e.toShape())).not.toContain('secret');
  expect(String(log[0]?.error)).toContain('secret');
});

test('an answer that breaks the contract is an internal error where outputs are checked', async () => {
  await expect(setup().client.api.math.wrong()).rejects.toMatchObject({ code: 'internal' });
  await expect(setup({ checkOutputs: false }).client.api.math.wrong()).resolves.toBe(1);
});

test('cancelling rejects at once and aborts the handler', async () => {
  const { client, seen, server } = setup(), abort = new AbortController();
  const wait = client.api.math.wait({}, { signal: abort.signal });
  await client.api.math.add({ a: 1 });
  expect(server.active).toBe(1);
  abort.abort();
  await expect(wait).rejects.toMatchObject({ code: 'cancelled' });
  await client.api.math.add({ a: 1 });
  expect(seen.aborted).toBe(true);
  expect(server.active).toBe(0);
});

test('closing the channel fails what is open on one side and aborts it on the other', async () => {
  const { client, seen, server, channel } = setup(), wait = client.api.math.wait();
  await client.api.math.add({ a: 1 });
  channel.close();
  await expect(wait).rejects.toMatchObject({ code: 'disconnected' });
  await expect(client.api.math.add({ a: 1 })).rejects.toMatchObject({ code: 'disconnected' });
  await new Promise((r) => { setImmediate(r); });
  expect(seen.aborted).toBe(true);
  expect(server.active).toBe(0);
});

test('a stream of thousands arrives whole and in order; leaving early stops the source near where the consumer stood', async () => {
  const { client, seen } = setup(), got: number[] = [];
  for await (const n of client.api.count({ to: 5000 })) got.push(n);
  expect(got).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  seen.produced = 0;
  seen.returned = false;
  for await (const n of client.api.count({ to: 1e9 })) if (n === 99) break;
  await client.api.math.add({ a: 1 });
  expect(seen.returned).toBe(true);
  expect(seen.produced).toBeLessThan(100 + 64);
});

test('latest keeps the newest for a slow consumer', async () => {
  const { client } = setup(), it = client.api.latest({ to: 5000 })[Symbol.asyncIterator]();
  const got = [(await it.next()).value];
  await new Promise((r) => { setTimeout(r, 20); });
  for (let r = await it.next(); r.done !== true; r = await it.next()) got.push(r.value);
  expect(got.length).toBeLessThan(60);
  expect(got.at(-1)).toBe(4999);
});

test('a page of another version is told to reload', async () => {
  const { server } = setup(), [a, b] = memoryPair();
  server.accept(a);
  const other = createClient({ math: { add: contract.math.add } } satisfies Contract, b);
  await expect(other.hello).rejects.toMatchObject({ code: 'version-mismatch' });
});

test('a peer that speaks something else is dropped', async () => {
  const { server } = setup();
  for (const garbage of [42, { t: 'call' }, { t: 'open', id: 1, name: 'count', credit: 0 }, { t: 'ok', id: 1 }, 'x']) {
    const [a, b] = memoryPair();
    let closed = false;
    server.accept(a);
    b.onClose(() => { closed = true; });
    b.send(garbage);
    await new Promise((r) => { setImmediate(r); });
    expect(closed, JSON.stringify(garbage)).toBe(true);
  }
});

test('a service that lacks a handler is refused when it is made', () => {
  expect(() => createServer(contract, { math: {} } as unknown as Service<typeof contract>)).toThrow('math.add');
});

test('names and hash follow the contract', () => {
  expect(definitions(contract).map(([n]) => n)).toEqual(['math.add', 'math.fail', 'math.wait', 'math.wrong', 'count', 'latest']);
  const changed = { ...contract, latest: stream({ input: z.object({ to: z.string() }), item: z.number(), policy: 'latest' }) } satisfies Contract;
  expect(contractHash(changed)).not.toBe(contractHash(contract));
});
