/** Random schedules of answers, crashes, stops and time against a fake clock and a fake child. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryPair } from '../../src/shared/rpc/channel.ts';
import { DEFAULT_POLICY, IDLE, nextTick, reduce } from '../../src/main/supervise/machine.ts';
import type { ChildEvent, ChildState } from '../../src/main/supervise/machine.ts';
import { exitSentence, Supervisor } from '../../src/main/supervise/supervisor.ts';
import type { Clock } from '../../src/main/supervise/supervisor.ts';
import type { ChildExit, SpawnedChild, Spawner } from '../../src/main/supervise/spawner.ts';

class FakeClock implements Clock {
  time = 0;
  readonly timers = new Set<{ due: number; fn: () => void }>();
  now(): number { return this.time; }
  after(ms: number, fn: () => void): () => void { const t = { due: this.time + ms, fn }; this.timers.add(t); return () => { this.timers.delete(t); }; }
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter((t) => t.due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.fn();
    }
    this.time = end;
  }
}

/** Records children; `alive` is what the system would show. */
function fakeSpawner() {
  const children: { exit: (e: Partial<ChildExit>) => void; answer: () => void; released: boolean; killed: boolean; alive: boolean; answered: Promise<void> }[] = [];
  const spawner: Spawner = {
    kind: 'node',
    spawn: (spec) => {
      const listeners: ((e: ChildExit) => void)[] = [];
      let answer: () => void = () => undefined;
      const record = {
        alive: true, released: false, killed: false, answered: new Promise<void>((r) => { answer = r; }), answer: () => { answer(); },
        exit: (e: Partial<ChildExit>) => { if (!record.alive) return; record.alive = false; for (const fn of listeners) fn({ code: 1, signal: null, reason: 'error', tail: [], ...e }); },
      };
      children.push(record);
      const child: SpawnedChild = { name: spec.name, pid: children.length, open: () => memoryPair()[0], onLine: () => undefined, onExit: (fn) => { listeners.push(fn); }, release: () => { record.released = true; }, kill: () => { record.killed = true; } };
      return child;
    },
  };
  return { spawner, children };
}
const flush = async (): Promise<void> => { for (let i = 0; i < 4; i++) await Promise.resolve(); };

test('at most one process, bounded waits, a crash loop stops, a stop always ends', async () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.constant('answer' as const) }, { weight: 4, arbitrary: fc.constant('crash' as const) }, { weight: 1, arbitrary: fc.constantFrom('start', 'stop', 'busy', 'free') },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), async (steps) => {
    const clock = new FakeClock(), { spawner, children } = fakeSpawner();
    const supervisor = new Supervisor(spawner, { entry: 'host', name: 'host' }, { clock, ready: (child) => children[(child.pid ?? 0) - 1]?.answered ?? Promise.reject(new Error('no child')) });
    let quick = 0;
    supervisor.onState((s) => {
      expect(children.filter((c) => c.alive).length).toBeLessThanOrEqual(1);
      expect(clock.timers.size).toBeLessThanOrEqual(1);
      if (s.at === 'backoff') { quick = s.restarts; expect(s.until - clock.time).toBeLessThanOrEqual(30_000); }
      expect(quick).toBeLessThanOrEqual(DEFAULT_POLICY.maxRestarts);
    });
    supervisor.start();
    for (const s of steps) {
      const current = children.at(-1);
      if (s === 'answer') current?.answer();
      else if (s === 'crash') current?.exit({});
      else if (s === 'start') supervisor.start();
      else if (s === 'stop') void supervisor.stop();
      else if (s === 'busy' || s === 'free') supervisor.setBusy(s === 'busy');
      else clock.advance(s as number);
      await flush();
      if (current?.killed === true) current.exit({ reason: 'killed', signal: 'SIGKILL' });
      expect(supervisor.child === undefined || children.at(-1)?.alive === true).toBe(true);
    }
    const stopped = supervisor.stop();
    clock.advance(DEFAULT_POLICY.drainMs);
    const last = children.at(-1);
    if (last?.alive === true) { expect(last.released && last.killed).toBe(true); last.exit({}); }
    await stopped;
    expect(['exited', 'failed', 'idle']).toContain(supervisor.state.at);
    expect(children.filter((c) => c.alive)).toHaveLength(0);
  }), { numRuns: 150 });
});

test('waits of 1, 5, 30 seconds, then it gives up; being up for a minute starts a new count', () => {
  let state: ChildState = IDLE, now = 0;
  const waits: number[] = [];
  const go = (event: ChildEvent): void => { state = reduce(state, event, now, DEFAULT_POLICY).state; };
  go({ type: 'start' });
  while (waits.length < 20) {
    go({ type: 'exit', reason: 'x' });
    const due = nextTick(state);
    if (due === undefined) break;
    waits.push((due - now) / 1000);
    now = due;
    go({ type: 'tick' });
  }
  expect(waits).toEqual([1, 5, 30, 30, 30, 30]);
  expect(state).toEqual({ at: 'failed', reason: 'x' });
  go({ type: 'start' });
  go({ type: 'ready' });
  now += DEFAULT_POLICY.stableMs;
  go({ type: 'exit', reason: 'y' });
  expect(state).toMatchObject({ at: 'backoff', restarts: 1 });
});

test('a child that never answers is killed at the deadline and counted as a crash', () => {
  const started = reduce(IDLE, { type: 'start' }, 0, DEFAULT_POLICY);
  expect(started.effects).toEqual(['spawn']);
  expect(reduce(started.state, { type: 'tick' }, 29_999, DEFAULT_POLICY).effects).toEqual([]);
  const killed = reduce(started.state, { type: 'tick' }, 30_000, DEFAULT_POLICY);
  expect(killed.effects).toEqual(['kill']);
  expect(reduce(killed.state, { type: 'exit', reason: 'killed' }, 30_001, DEFAULT_POLICY).state).toMatchObject({ at: 'backoff', reason: 'it did not answer within 30 s of its start' });
});

test('an exit is told in words', () => {
  const base: ChildExit = { code: 1, signal: null, reason: 'error', tail: ['first', 'Error: no device', ''] };
  expect(exitSentence(base)).toBe('it exited with code 1: Error: no device');
  expect(exitSentence({ ...base, tail: [], code: null, signal: 'SIGSEGV' })).toBe('it was ended by SIGSEGV');
  expect(exitSentence({ ...base, tail: [], reason: 'memory' })).toBe('it ran out of memory');
});
