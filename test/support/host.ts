/** A real host with a real store in a temporary home, engines being the stand-in of fake-engine.ts (or the real one), and a client on a memory channel. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost } from '../../src/main/host/host.ts';
import type { Host, HostOptions } from '../../src/main/host/host.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import type { Spawner } from '../../src/main/supervise/spawner.ts';
import { contract } from '../../src/shared/contract.ts';
import type { Contract } from '../../src/shared/contract.ts';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import type { Client } from '../../src/shared/rpc/define.ts';
import type { Run, RunStatus } from '../../src/shared/schema/entities.ts';

export const fakeEngines = (): Spawner => nodeSpawner({ entryFile: () => join(import.meta.dirname, 'fake-engine.ts') });

export interface TestHost { host: Host; api: Client<Contract>; home: string; work: string; close(): Promise<void> }

export async function testHost(options: Partial<HostOptions> = {}, root = mkdtempSync(join(tmpdir(), 'anneal-host-'))): Promise<TestHost> {
  const home = join(root, 'home'), work = join(root, 'work');
  mkdirSync(work, { recursive: true });
  const host = await createHost({ home, spawner: fakeEngines(), mode: 'cli', resources: null, second: 10, ...options });
  const [near, far] = memoryPair();
  host.accept(far);
  return { host, api: createClient(contract, near, { checkOutputs: true }).api, home, work, close: () => host.close() };
}

/** A folder that the stand-in engine takes for a model, and a small dataset file. */
export function writeInputs(work: string, rows = 20): { model: string; data: string } {
  const model = join(work, 'tiny'), data = join(work, 'rows.jsonl');
  mkdirSync(model, { recursive: true });
  writeFileSync(join(model, 'config.json'), JSON.stringify({ model_type: 'llama' }));
  writeFileSync(data, Array.from({ length: rows }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `question ${i}` }, { role: 'assistant', content: `answer ${i}` }], task: i % 2 === 0 ? 'even' : 'odd' })).join('\n'));
  return { model, data };
}

export async function until(api: Client<Contract>, id: string, ...statuses: RunStatus[]): Promise<Run> {
  for await (const _ of api.runs.watch({ id })) {
    const run = await api.runs.get({ id });
    if (statuses.includes(run.status)) return run;
  }
  throw new Error('the watch ended');
}

export const removeRoot = (t: TestHost): void => { rmSync(join(t.home, '..'), { recursive: true, force: true }); };
