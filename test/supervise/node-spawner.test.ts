/** Real processes: answers, crashes, restarts, graceful and forced ends. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createClient } from '../../src/shared/rpc/client.ts';
import { childEntry, fromSource, mainFolder } from '../../src/main/supervise/child-entry.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { childEnvironment, classifyExit } from '../../src/main/supervise/spawner.ts';
import type { ChildExit, SpawnedChild } from '../../src/main/supervise/spawner.ts';
import { Supervisor } from '../../src/main/supervise/supervisor.ts';
import { echoContract } from '../support/echo.ts';

const spawner = nodeSpawner({ entryFile: () => fileURLToPath(new URL('../support/echo-child.ts', import.meta.url)) });
const ready = (child: SpawnedChild): Promise<unknown> => createClient(echoContract, child.open('echo')).hello;
const exitOf = (child: SpawnedChild): Promise<ChildExit> => new Promise((r) => { child.onExit(r); });

test('a child answers, and an abort is reported with its signal', async () => {
  const child = spawner.spawn({ entry: 'engine', name: 'test' }), { api } = createClient(echoContract, child.open('echo'));
  expect(await api.echo({ value: 'a' })).toBe('a');
  const pending = api.hang(), lost = expect(pending).rejects.toMatchObject({ code: 'disconnected' });
  child.kill();
  await lost;
  expect(await exitOf(child)).toMatchObject({ reason: 'killed', signal: 'SIGKILL' });
});

test('a supervised child is started again after a crash, and the new one answers', async () => {
  const supervisor = new Supervisor(spawner, { entry: 'host', name: 'test' }, { ready, policy: { backoffMs: [10] } }), exits: string[] = [];
  supervisor.onExit((e) => exits.push(e.signal ?? String(e.code)));
  supervisor.start();
  const first = await supervisor.whenReady();
  first.open('crash');
  await exitOf(first);
  const second = await supervisor.whenReady();
  expect(second.pid).not.toBe(first.pid);
  expect(await createClient(echoContract, second.open('echo')).api.echo({ value: 'x' })).toBe('x');
  await supervisor.stop();
  expect(exits).toEqual(['SIGABRT', '0']);
  expect(supervisor.state.at).toBe('exited');
});

test('a child that ignores the request to end is killed', async () => {
  const supervisor = new Supervisor(spawner, { entry: 'host', name: 'test', env: { ECHO_STUBBORN: '1' } }, { ready, policy: { drainMs: 50 } });
  supervisor.start();
  const child = await supervisor.whenReady(), exit = exitOf(child);
  await supervisor.stop();
  expect((await exit).reason).toBe('killed');
});

test('a Node that does not exist, and a file that does not, end supervision with the reason', async () => {
  const missing = new Supervisor(nodeSpawner({ execPath: '/nonexistent/node' }), { entry: 'host', name: 'test' }, { ready, policy: { maxRestarts: 0 } });
  missing.start();
  await expect(missing.whenReady()).rejects.toThrow(/could not be started.*ENOENT/);
  const noFile = new Supervisor(nodeSpawner({ entryFile: () => '/nonexistent/entry.ts' }), { entry: 'host', name: 'test' }, { ready, policy: { maxRestarts: 1, backoffMs: [1] } });
  noFile.start();
  await expect(noFile.whenReady()).rejects.toThrow(/exited with code 1/);
});

test('entries run from source here, and children get only what they need', () => {
  expect(fromSource).toBe(true);
  expect(mainFolder()).toMatch(/src[\\/]main$/);
  expect(childEntry('engine')).toMatch(/src[\\/]main[\\/]engine[\\/]entry\.ts$/);
  expect(childEnvironment({ PATH: '/bin', ANNEAL_HOME: '/x', AWS_SECRET_ACCESS_KEY: 's', NODE_OPTIONS: '--inspect', npm_config_x: '1' }, { A: 'b' })).toEqual({ PATH: '/bin', ANNEAL_HOME: '/x', A: 'b', ORT_DISABLE_TELEMETRY: '1' });
});

test('only an end that was asked for is clean, whatever the code says', () => {
  expect(classifyExit(0, null, [], { released: true, killed: false })).toBe('clean');
  expect(classifyExit(0, null, [], { released: false, killed: false }), 'a utility process killed from outside, as older Electrons report it').toBe('error');
  expect(classifyExit(0, null, [], { released: true, killed: true })).toBe('killed');
  expect(classifyExit(0, null, ['terminate called after throwing an instance of std::bad_alloc'], { released: false, killed: false })).toBe('memory');
});
