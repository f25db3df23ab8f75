/** The same small contract over every real transport: message ports, process pipes of two kinds, WebSocket, and several channels over one pipe. */
import { fork } from 'node:child_process';
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import type { Channel } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { createMux } from '../../src/shared/rpc/mux.ts';
import { nodePortChannel } from '../../src/shared/rpc/port-channel.ts';
import { connectParent, ipcChannel } from '../../src/shared/rpc/process-channel.ts';
import type { NodePort } from '../../src/shared/rpc/port-channel.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { openSocket, socketChannel } from '../../src/shared/rpc/socket-channel.ts';
import type { SocketLike } from '../../src/shared/rpc/socket-channel.ts';
import { echoContract, echoService } from '../support/echo.ts';

async function exercise(channel: Channel): Promise<void> {
  const { api, hello } = createClient(echoContract, channel);
  expect((await hello).version).toBe('echo');
  expect(await api.echo({ value: 'ü\u2028中' })).toBe('ü\u2028中');
  const values = Float64Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? i / 3 : NaN));
  expect(await api.sum({ values })).toBeNaN();
  expect(await api.sum({ values: values.filter((x) => !Number.isNaN(x)) })).toBeCloseTo(500 * 499 / 3, 6);
  const got: number[] = [];
  for await (const n of api.count({ to: 500 })) got.push(n);
  expect(got).toHaveLength(500);
}
const closes = (c: Channel): Promise<void> => new Promise((r) => { c.onClose(r); });
const serve = (channel: Channel): void => { createServer(echoContract, echoService, { version: 'echo' }).accept(channel); };

test('memory', async () => {
  const [a, b] = memoryPair();
  serve(a);
  await exercise(b);
});

test('message ports, and closing one end closes the other', async () => {
  const { port1, port2 } = new MessageChannel();
  const [a, b] = [port1, port2].map((p) => nodePortChannel(p as unknown as NodePort, (m) => m)) as [Channel, Channel];
  serve(a);
  await exercise(b);
  const gone = closes(a);
  b.close();
  await gone;
});

test('WebSocket, and a frame that is no message closes it', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (ws) => { serve(socketChannel(ws as unknown as SocketLike)); });
  await new Promise((r) => { server.once('listening', r); });
  const dial = (): WebSocket => new WebSocket(`ws://127.0.0.1:${(server.address() as { port: number }).port}`);
  await exercise(await openSocket(dial() as unknown as SocketLike));
  const raw = dial();
  await new Promise((r) => { raw.once('open', r); });
  const closed = new Promise<number>((r) => { raw.once('close', r); });
  raw.send('this is not JSON');
  expect(await closed).toBe(1002);
  for (const c of server.clients) c.terminate();
  server.close();
});

test('a process pipe with several channels; a killed child closes them all', async () => {
  const child = fork(new URL('../support/echo-child.ts', import.meta.url), { serialization: 'advanced', stdio: 'inherit' });
  const mux = createMux(ipcChannel(child), 0);
  const first = mux.open('echo'), second = mux.open('echo');
  await Promise.all([exercise(first), exercise(second)]);
  const gone = [closes(first), closes(second)];
  child.kill('SIGKILL');
  await Promise.all(gone);
});

test('a child exits when its parent lets go', async () => {
  const child = fork(new URL('../support/echo-child.ts', import.meta.url), { serialization: 'advanced', stdio: 'inherit' });
  const mux = createMux(ipcChannel(child), 0);
  await exercise(mux.open('echo'));
  const exit = new Promise<number | null>((r) => { child.once('exit', r); });
  mux.close();
  expect(await exit).toBe(0);
});

test('a utility process gets its channels as ports', async () => {
  const { port1, port2 } = new MessageChannel();
  let listener: (e: { data: unknown; ports?: NodePort[] }) => void = () => { throw new Error('nobody listens'); };
  const electronLike = (p: NodePort): NodePort => ({ postMessage: (m) => { p.postMessage(m); }, on: (type, fn) => p.on(type, (m) => { fn(type === 'message' ? { data: m } : m); }), start: () => { p.start(); }, close: () => { p.close(); } });
  const parent = connectParent({ on: () => undefined, parentPort: { on: (_e, fn) => { listener = fn; }, postMessage: () => undefined } });
  listener({ data: { label: 'echo' }, ports: [electronLike(port1 as unknown as NodePort)] });
  parent.onChannel((label, channel) => { expect(label).toBe('echo'); serve(channel); });
  await exercise(nodePortChannel(port2 as unknown as NodePort, (m) => m));
  let closed = false;
  parent.onClose(() => { closed = true; });
  listener({ data: { close: true } });
  expect(closed).toBe(true);
});
