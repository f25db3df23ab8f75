/** Alive, stalled, silent: the rules with a clock of our own, then with real processes that block and that are stopped. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { BEAT_PREFIX } from '../../src/main/engine/protocol.ts';
import { Engines } from '../../src/main/host/engines.ts';
import { Liveness, stallNote } from '../../src/main/host/jobs/liveness.ts';
import type { HostLog } from '../../src/main/host/log.ts';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import { fakeEngines, removeRoot, testHost, until, writeInputs } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';

const SECOND = 1000, MINUTE = 60_000;

describe('rules', () => {
  /** Looks each second from `from` to `to`; beats too where `blocked` gives a number. */
  const run = (l: Liveness, from: number, to: number, blocked: (now: number) => number | null): string[] => {
    const states: string[] = [];
    for (let now = from; now <= to; now += SECOND) {
      const b = blocked(now);
      if (b !== null) l.beat(now, b);
      states.push(l.look(now).state);
    }
    return states;
  };

  test('blocked for longer than two minutes is stalled while no pace is known, and never silent', () => {
    const l = new Liveness();
    const states = run(l, 0, 60 * MINUTE, (now) => now);
    expect(states.indexOf('stalled')).toBe(121);
    expect(new Set(states)).toEqual(new Set(['alive', 'stalled']));
    expect(l.look(60 * MINUTE)).toEqual({ state: 'stalled', blockedMs: 60 * MINUTE, stepMs: null });
    l.beat(60 * MINUTE + SECOND, 0);
    expect(l.look(60 * MINUTE + SECOND)).toEqual({ state: 'alive' });
  });

  test('slow steps move the threshold to ten of them (the median: one slow step does not)', () => {
    const l = new Liveness();
    run(l, 0, 0, () => 0);
    for (const [step, seconds] of [[1, 20], [2, 40], [4, 80], [5, 100], [6, 1000], [7, 1020]] as const) l.progress(0, step, seconds);
    expect(run(l, SECOND, 300 * SECOND, (now) => now).indexOf('stalled')).toBe(200);
    expect(l.look(300 * SECOND)).toEqual({ state: 'stalled', blockedMs: 300 * SECOND, stepMs: 20_000 });
    l.progress(300 * SECOND, 8, 1320);
    expect(l.look(300 * SECOND)).toEqual({ state: 'alive' });
  });

  test('an evaluation metric of the same step and a roll-back say nothing of the pace', () => {
    const l = new Liveness();
    l.beat(0, 0);
    for (const [step, seconds] of [[5, 10], [6, 12], [6, 12], [4, 8], [5, 10]] as const) l.progress(0, step, seconds);
    l.beat(1, 500_000);
    expect(l.look(1)).toMatchObject({ stepMs: 2000 });
  });

  test('no beat for thirty seconds is silent; before the first beat nothing is', () => {
    const l = new Liveness();
    expect(new Set(run(l, 0, 10 * MINUTE, () => null))).toEqual(new Set(['alive']));
    l.beat(10 * MINUTE, 0);
    const states = run(l, 10 * MINUTE, 11 * MINUTE, () => null);
    expect(states.indexOf('silent')).toBe(31);
    l.progress(11 * MINUTE, 3, 1); // its channel still speaks
    expect(l.look(11 * MINUTE)).toEqual({ state: 'alive' });
  });

  test('a host that slept waits anew', () => {
    const l = new Liveness();
    run(l, 0, 20 * SECOND, (now) => (now === 0 ? 0 : null));
    expect(l.look(9 * 3600 * SECOND).state).toBe('alive');
    const states = run(l, 9 * 3600 * SECOND + SECOND, 9 * 3600 * SECOND + MINUTE, () => null);
    expect(states.indexOf('silent')).toBe(30);
  });

  test('whatever the host\'s clock does: silent needs 30 s of looks in time since the last beat, and comes after them', () => {
    fc.assert(fc.property(fc.array(fc.record({ gap: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 5001, max: 100_000 })), beat: fc.integer({ min: 0, max: 19 }) }), { maxLength: 80 }), (moves) => {
      const l = new Liveness();
      let now = 0, quiet = 0;
      l.beat(0, 0);
      l.look(0);
      for (const { gap, beat } of moves) {
        now += gap;
        quiet = gap > 5000 || beat === 0 ? 0 : quiet + gap;
        if (beat === 0) l.beat(now, 1);
        expect(l.look(now).state).toBe(quiet > 30_000 ? 'silent' : 'alive');
      }
    }));
  });

  test('what the run says', () => {
    expect(stallNote({ state: 'stalled', blockedMs: 245_000, stepMs: 2100 }, false)).toBe('No step has ended for 4 min; steps took 2.1 s before. Wait, or stop the run.');
    expect(stallNote({ state: 'stalled', blockedMs: 3_900_000, stepMs: 20 }, false)).toBe('No step has ended for 1 h 05 min; steps took less than 0.1 s before. Wait, or stop the run.');
    expect(stallNote({ state: 'stalled', blockedMs: 121_000, stepMs: null }, false)).toBe('No step has ended for 2 min; the first one includes the setup. Wait, or stop the run.');
    expect(stallNote({ state: 'stalled', blockedMs: 245_000, stepMs: 2100 }, true)).toBe('The evaluation has not ended for 4 min. Wait, or stop the run.');
  });
});

describe('real engine processes', () => {
  let engines: Engines | undefined;
  afterEach(async () => { await engines?.close(); engines = undefined; });

  test('a stopped engine is found silent and killed, with the reason; its beats are not in the log', async () => {
    const lines: string[] = [], add = (line: string): void => { lines.push(line); };
    const log: HostLog = { info: add, warn: add, error: add, tail: () => lines };
    engines = new Engines({ spawner: nodeSpawner(), log, liveness: { silentMs: 4000 } });
    const lease = await engines.acquire('data'), states: string[] = [];
    lease.onVital((v) => { states.push(v.state); });
    const pid = lease.pid ?? 0;
    await lease.api.engine.info({});
    await new Promise((r) => { setTimeout(r, 2500); });
    process.kill(pid, 'SIGSTOP');
    const asked = engines.use('data', (api) => api.engine.info({}));
    await expect(asked).rejects.toMatchObject({ code: 'engine-crashed', message: expect.stringMatching(/^The engine gave no sign of life for \d+ s and was ended\.$/) as string });
    expect(await lease.exited).toMatchObject({ signal: 'SIGKILL', reason: 'killed' });
    expect(() => process.kill(pid, 0)).toThrow();
    lease.done();
    expect(new Set(states)).toEqual(new Set(['alive']));
    expect(lines.filter((line) => line.includes('no sign of life'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes(BEAT_PREFIX.trim()))).toEqual([]);
  });
});

describe('runs', () => {
  let t: TestHost;
  afterEach(async () => { await t.close(); removeRoot(t); });
  const start = async (name: string, liveness: { silentMs?: number; stalledMs?: number }, train = { max_steps: 30, save_steps: 10 }): Promise<string> => {
    t = await testHost({ spawner: fakeEngines(), engines: { liveness } });
    const { model, data } = writeInputs(t.work);
    return (await t.api.runs.create({ recipe: { name, method: 'sft', model, data: { train: data }, train } })).id;
  };

  test('a blocked step becomes the note of the run, and steps take it back; nothing is killed', async () => {
    const id = await start('block@12', { stalledMs: 1200 }, { max_steps: 100_000, save_steps: 0 }), notes: (string | null)[] = [];
    await new Promise<void>((resolve) => {
      const stop = t.host.context.runs.news.follow(id, (news) => {
        if (news.type !== 'state' || news.run.status !== 'running' || news.run.note === (notes.at(-1) ?? null)) return;
        notes.push(news.run.note);
        if (news.run.note === null) { stop(); resolve(); }
      });
    });
    const said = notes.slice(0, -1);
    expect(said.length).toBeGreaterThanOrEqual(1);
    for (const note of said) expect(note).toMatch(/^No step has ended for [1-9] s; steps took less than 0\.1 s before\. Wait, or stop the run\.$/);
    await t.api.runs.stop({ id });
    const run = await until(t.api, id, 'stopped', 'paused', 'failed');
    expect(run).toMatchObject({ status: 'stopped', attempt: 1, note: null });
    expect(run.step).toBeGreaterThan(12);
  });

  test('a frozen engine is ended, and the run continues from its last checkpoint', async () => {
    const id = await start('freeze@17', { silentMs: 4000 });
    const run = await until(t.api, id, 'completed', 'paused', 'failed');
    expect(run).toMatchObject({ status: 'completed', attempt: 2, step: 30, error: null });
    expect((await t.api.runs.log({ id })).filter((l) => l.level === 'error').map((l) => l.text)).toEqual([expect.stringMatching(/^The engine gave no sign of life for \d+ s and was ended\.$/)]);
    expect(t.host.context.store.runs.attempts(id).map((a) => a.from_step)).toEqual([0, 10]);
  });
});
