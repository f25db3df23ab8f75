/** The run state machine and the resume policy, as pure functions. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeExit } from '../../src/main/host/exit-words.ts';
import { afterCrash, BACK_OFF_SECONDS, MOST_ATTEMPTS, remedies } from '../../src/main/host/jobs/resume-policy.ts';
import { isLive, isOver, nextState } from '../../src/main/host/jobs/run-state.ts';
import type { RunEvent, RunState } from '../../src/main/host/jobs/run-state.ts';
import { RUN_STATUS } from '../../src/shared/schema/entities.ts';
import type { RunStatus } from '../../src/shared/schema/entities.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import type { Failure } from '../../src/main/store/runs.ts';

const state = (status: RunStatus): RunState => ({ status, error: null, note: null });
const retry = { kind: 'retry', seconds: 1, note: 'again' } as const, pause = { kind: 'pause', note: 'twice' } as const, crash = { code: 'engine-crashed', message: 'died' } as const;
const EVENTS: RunEvent[] = [
  { type: 'enqueue' }, { type: 'begin' }, { type: 'started' }, { type: 'phase', evaluating: true }, { type: 'phase', evaluating: false }, { type: 'ask-pause' }, { type: 'ask-stop' }, { type: 'found' },
  { type: 'done', outcome: 'completed', error: null }, { type: 'done', outcome: 'stopped', error: null }, { type: 'done', outcome: 'paused', error: null }, { type: 'done', outcome: 'stopped', error: { code: 'loss-not-finite', message: 'nan' } },
  { type: 'failed', error: { code: 'disk-full', message: 'full' } }, { type: 'failed', error: { code: 'recipe-value', message: 'no' } }, { type: 'crashed', verdict: retry, error: crash }, { type: 'crashed', verdict: pause, error: crash },
];
const step = (status: RunStatus, event: RunEvent): RunStatus | 'refused' => { try { return nextState(state(status), event).status; } catch { return 'refused'; } };

test('the whole table', () => {
  const rows = RUN_STATUS.map((status) => `${status}: ${EVENTS.map((e) => step(status, e)).join(' ')}`);
  expect(rows).toMatchInlineSnapshot(`
    [
      "queued: refused starting refused queued queued paused stopped paused refused refused refused refused refused refused refused refused",
      "starting: refused refused running starting starting pausing stopping interrupted completed stopped paused failed paused failed interrupted paused",
      "running: refused refused running evaluating running pausing stopping interrupted completed stopped paused failed paused failed interrupted paused",
      "evaluating: refused refused evaluating evaluating running pausing stopping interrupted completed stopped paused failed paused failed interrupted paused",
      "pausing: refused refused pausing pausing pausing pausing stopping paused completed stopped paused failed paused failed paused paused",
      "paused: queued refused refused paused paused paused stopped paused refused refused refused refused refused refused refused refused",
      "stopping: refused refused stopping stopping stopping refused stopping stopped completed stopped paused failed paused failed stopped stopped",
      "stopped: queued refused refused stopped stopped refused stopped stopped refused refused refused refused refused refused refused refused",
      "interrupted: queued starting refused interrupted interrupted paused stopped interrupted refused refused refused refused refused refused refused refused",
      "failed: queued refused refused failed failed refused refused failed refused refused refused refused refused refused refused refused",
      "completed: refused refused refused completed completed refused refused completed refused refused refused refused refused refused refused refused",
    ]
  `);
});

test('whatever happens: a run that is over is left only by asking, and nothing but its own events makes a run live', () => {
  fc.assert(fc.property(fc.constantFrom(...RUN_STATUS), fc.array(fc.constantFrom(...EVENTS), { maxLength: 30 }), (first, events) => {
    let status: RunStatus = first;
    for (const event of events) {
      const next = step(status, event);
      if (next === 'refused') continue;
      if (isOver(status) && next !== status) expect(['enqueue', 'ask-stop']).toContain(event.type);
      if (!isLive(status) && isLive(next)) expect(event.type).toBe('begin');
      status = next;
    }
    if (isLive(status) || status === 'queued' || status === 'interrupted') expect(isLive(step(status, { type: 'found' }) as RunStatus)).toBe(false);
  }));
});

const r = recipe.parse({ method: 'sft', model: 'm', data: { train: 'd' } });
const failures = (...steps: number[]): Failure[] => steps.map((s, i) => ({ step: s, code: 'engine-crashed', message: 'The engine was killed.', at: i }));

test('back-off 1, 5, 30 seconds; two at one step, or many without progress, pause', () => {
  expect([failures(3), failures(3, 4), failures(3, 4, 6), failures(3, 4, 6, 5)].map((f) => afterCrash(f, r)).map((v) => (v.kind === 'retry' ? v.seconds : v.kind))).toEqual([...BACK_OFF_SECONDS, 30]);
  expect(afterCrash(failures(3, 7, 7), r)).toMatchObject({ kind: 'pause', note: expect.stringMatching(/twice at step 7, so the run is paused\. If memory was short, clone the run with per_device_train_batch_size 4 with gradient_accumulation_steps 2, or gradient_checkpointing on, or max_length 512\./) as string });
  expect(afterCrash(failures(...Array.from({ length: MOST_ATTEMPTS }, (_, i) => i)), r).kind).toBe('pause');
  const least = recipe.parse({ ...r, train: { ...r.train, per_device_train_batch_size: 1, gradient_checkpointing: true, max_length: 64 } });
  expect(remedies(least)).toBe('If memory was short, take a smaller model.');
});

test('how a process died, in words', () => {
  const exit = (code: number | null, signal: string | null, reason: 'error' | 'killed' | 'memory' = 'error', tail: string[] = []): string => describeExit({ code, signal, reason, tail });
  expect([exit(null, 'SIGKILL', 'killed'), exit(null, 'SIGABRT'), exit(null, 'SIGSEGV'), exit(null, 'SIGTERM'), exit(1, null, 'error', ['TypeError: y', '    at x', '', 'Node.js v24']), exit(null, 'SIGABRT', 'memory')]).toEqual([
    'The engine was killed, by somebody or because memory ran out.', 'The engine aborted inside its native code.', 'The engine crashed inside its native code (SIGSEGV).', 'The engine was ended by SIGTERM.', 'The engine stopped with status 1: TypeError: y.', 'The engine ran out of memory.',
  ]);
});
