/** Children asked for through a broker, as a host in a utility process does: same behaviour as children of one's own. The broker here starts real Node processes. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { brokerContract } from '../../src/shared/process-contract.ts';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { brokeredSpawner } from '../../src/main/supervise/spawn-brokered.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import type { ChildExit, SpawnedChild } from '../../src/main/supervise/spawner.ts';
import { echoContract } from '../support/echo.ts';

function setup(file = '../support/echo-child.ts') {
  const real = nodeSpawner({ entryFile: () => fileURLToPath(new URL(file, import.meta.url)) }), children: SpawnedChild[] = [], [here, there] = memoryPair();
  const spawner = brokeredSpawner(here);
  createServer(brokerContract, {
    spawn: (spec) => { const child = real.spawn(spec); children.push(child); return { id: children.length - 1, pid: child.pid ?? null }; },
    open: ({ id, label, key }) => { spawner.accept(`child:${key}`, children[id]!.open(label)); return { ok: true }; },
    release: ({ id }) => { children[id]!.release(); return { ok: true }; },
    kill: ({ id }) => { children[id]!.kill(); return { ok: true }; },
    watch: async function* watch({ id }) { yield { type: 'exit' as const, exit: await new Promise<ChildExit>((r) => { children[id]!.onExit(r); }) }; },
  }).accept(there);
  return { spawner, broker: there };
}
const exitOf = (child: SpawnedChild): Promise<ChildExit> => new Promise((r) => { child.onExit(r); });

test('it answers on channels that were used before it had started', async () => {
  const child = setup().spawner.spawn({ entry: 'engine', name: 'train' });
  const [a, b] = [createClient(echoContract, child.open('echo')), createClient(echoContract, child.open('echo'))];
  expect(await Promise.all([a.api.echo({ value: 'a' }), b.api.echo({ value: 'b' })])).toEqual(['a', 'b']);
  expect(child.pid).toBeGreaterThan(0);
  const exit = exitOf(child);
  child.release();
  expect((await exit).reason).toBe('clean');
});

test('its death closes its channels and is told with the reason', async () => {
  const child = setup().spawner.spawn({ entry: 'engine', name: 'train' }), { api } = createClient(echoContract, child.open('echo'));
  await api.echo({ value: 'a' });
  const lost = expect(api.hang()).rejects.toMatchObject({ code: 'disconnected' });
  child.kill();
  await lost;
  expect((await exitOf(child)).reason).toBe('killed');
});

test('a broker that goes away takes its children for lost', async () => {
  const { spawner, broker } = setup(), child = spawner.spawn({ entry: 'engine', name: 'train' }), { api } = createClient(echoContract, child.open('echo'));
  await api.echo({ value: 'a' });
  const exit = exitOf(child);
  broker.close();
  expect((await exit).reason).toBe('error');
  await expect(api.echo({ value: 'b' })).rejects.toMatchObject({ code: 'disconnected' });
});

test('channels that nobody expects are closed, others are left alone', () => {
  const { spawner } = setup(), [a, b] = memoryPair();
  let closed = false;
  a.onClose(() => { closed = true; });
  expect(spawner.accept('app', b)).toBe(false);
  expect(closed).toBe(false);
  expect(spawner.accept('child:99', a)).toBe(true);
  expect(closed).toBe(true);
});
