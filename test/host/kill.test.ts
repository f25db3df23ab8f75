/**
 * kill -9 of the engine, the host and main at random moments of a real run. After each: the store opens, the run goes on from its last checkpoint, no committed row is lost; at the end its weights
 * and its curve are those of a run that nobody disturbed. ANNEAL_KILL_ROUNDS sets the number of kills of each process.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { contract } from '../../src/shared/contract.ts';
import type { Contract } from '../../src/shared/contract.ts';
import { createClient } from '../../src/shared/rpc/client.ts';
import type { Client } from '../../src/shared/rpc/define.ts';
import { ipcChannel } from '../../src/shared/rpc/process-channel.ts';
import type { Run } from '../../src/shared/schema/entities.ts';
import { testHost } from '../support/host.ts';
import { writeRealModel } from '../support/real-model.ts';

const ROUNDS = Number(process.env['ANNEAL_KILL_ROUNDS'] ?? 2);
const STEPS = 1500; // a second or three: long enough to be hit, short enough to be read point by point
const TIMEOUT = 120_000 + ROUNDS * 30_000;

let root: string, recipe: Record<string, unknown>, calm: { hash: string; curve: number[] };
const sleep = (ms: number): Promise<void> => new Promise((r) => { setTimeout(r, ms); });

async function finished(api: Client<Contract>, id: string): Promise<Run> {
  for (;;) {
    const run = await api.runs.get({ id });
    if (['completed', 'failed', 'stopped'].includes(run.status)) return run;
    // Two deaths at the same step are the policy's reason to wait for a person: be that person.
    if (run.status === 'paused' || (run.status === 'interrupted' && run.note?.startsWith('Anneal ended') === true)) await api.runs.resume({ id });
    await sleep(50);
  }
}
async function outcome(api: Client<Contract>, id: string): Promise<{ hash: string; curve: number[] }> {
  const { series } = await api.runs.metrics({ id, names: ['loss'], points: 5000 });
  expect(series[0]?.steps).toEqual(Array.from({ length: STEPS }, (_, k) => k + 1));
  return { hash: (await api.runs.checkpoints({ id })).at(-1)?.weight_hash ?? '', curve: series[0]?.mean ?? [] };
}
/** Waits until the run moves, then a random moment more. */
async function someMoment(api: Client<Contract>, id: string): Promise<Run> {
  const from = (await api.runs.get({ id })).step;
  for (;;) {
    const run = await api.runs.get({ id });
    if ((run.status === 'running' && run.step > from) || run.status === 'completed') break;
    if (run.status === 'paused') await api.runs.resume({ id });
    await sleep(10);
  }
  await sleep(Math.random() * 400);
  return api.runs.get({ id });
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-kills-'));
  mkdirSync(join(root, 'data'), { recursive: true });
  const data = join(root, 'data', 'rows.jsonl');
  writeFileSync(data, Array.from({ length: 48 }, (_, i) => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}` }, { role: 'assistant', content: `It is ${i}.` }] })).join('\n'));
  recipe = { method: 'sft', model: writeRealModel(join(root, 'data', 'tiny')), data: { train: data }, adapter: { r: 4 }, train: { max_steps: STEPS, per_device_train_batch_size: 4, max_length: 64, eval_steps: 0, save_steps: 25, learning_rate: 0.003 } };
  process.env['ANNEAL_ROOTS'] = root;
  const t = await testHost({ spawner: nodeSpawner() }, join(root, 'calm'));
  const { id } = await t.api.runs.create({ recipe });
  expect((await finished(t.api, id)).status).toBe('completed');
  calm = await outcome(t.api, id);
  expect(calm.hash).not.toBe('');
  await t.close();
}, TIMEOUT);
afterAll(() => { delete process.env['ANNEAL_ROOTS']; rmSync(root, { recursive: true, force: true }); });

test(`the engine, ${ROUNDS} times`, { timeout: TIMEOUT }, async () => {
  const t = await testHost({ spawner: nodeSpawner() }, join(root, 'engine'));
  let { id } = await t.api.runs.create({ recipe }), killed = 0;
  while (killed < ROUNDS) {
    const run = await someMoment(t.api, id), pid = t.host.context.engines.status().engines.find((e) => e.kind === 'train')?.pid;
    if (run.status === 'completed') { // too quick for us: it must be right, and the next one takes its place
      expect(await outcome(t.api, id)).toEqual(calm);
      ({ id } = await t.api.runs.create({ recipe }));
      continue;
    }
    if (pid === null || pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    killed++;
    // Until the next attempt, or until somebody must resume it; a kill of an engine that had just finished changes nothing.
    for (let now = run; now.attempt === run.attempt && now.status !== 'paused' && now.status !== 'completed';) { await sleep(10); now = await t.api.runs.get({ id }); }
    expect((await t.api.runs.get({ id })).durable_step).toBeGreaterThanOrEqual(run.durable_step);
  }
  expect((await finished(t.api, id)).error).toBeNull();
  expect(await outcome(t.api, id)).toEqual(calm);
  await t.close();
});

/** A program that was started for the test, with a client of its host. */
interface Program { api: Client<Contract>; process: ChildProcess; hostPid(): number; end(): Promise<void> }

function startMain(home: string): Program {
  const child = fork(join(import.meta.dirname, '../support/main-process.ts'), [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, ANNEAL_HOME: home, ANNEAL_RESOURCES: join(root, 'none') } });
  const { api } = createClient(contract, ipcChannel(child));
  const gone = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  return {
    api, process: child, end: async () => { if (child.connected) child.disconnect(); await gone; },
    hostPid: () => (JSON.parse(readFileSync(join(home, 'anneal.lock.json'), 'utf8')) as { pid: number }).pid,
  };
}
const alive = (pid: number): boolean => { try { process.kill(pid, 0); return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')); } catch { return false; } };

test.each(['host', 'main'] as const)(`%s, ${ROUNDS} times`, { timeout: TIMEOUT }, async (victim) => {
  const home = join(root, victim);
  let main = startMain(home), killed = 0;
  await main.api.settings.set({ resume_interrupted: true });
  let { id } = await main.api.runs.create({ recipe });
  while (killed < ROUNDS) {
    const before = await someMoment(main.api, id);
    if (before.status === 'completed') {
      expect(await outcome(main.api, id)).toEqual(calm);
      ({ id } = await main.api.runs.create({ recipe }));
      continue;
    }
    const host = main.hostPid(), { seq, series } = await main.api.runs.metrics({ id, names: ['loss'], points: 5000 });
    process.kill(victim === 'host' ? host : main.process.pid ?? 0, 'SIGKILL');
    killed++;
    if (victim === 'host') await main.end(); else { while (alive(host)) await sleep(10); }
    main = startMain(home); // the lock is free, the store opens, the run continues by itself
    const after = await main.api.runs.get({ id });
    expect(after.durable_step).toBeGreaterThanOrEqual(before.durable_step);
    const kept = await main.api.runs.metrics({ id, names: ['loss'], points: 5000, to_step: after.durable_step });
    const known = (series[0]?.mean ?? []).slice(0, before.durable_step);
    expect(kept.series[0]?.mean.slice(0, known.length)).toEqual(known);
    expect(kept.seq).toBeGreaterThanOrEqual(seq);
  }
  expect((await finished(main.api, id)).error).toBeNull();
  expect(await outcome(main.api, id)).toEqual(calm);
  await main.end();
});
