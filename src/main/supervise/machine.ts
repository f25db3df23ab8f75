/** The life of a supervised child as a pure function of state, event and time. `supervisor.ts` feeds it real processes and a real clock. */

export interface Policy {
  startMs: number;
  /** How long a child may take to finish once asked; then it is killed. */
  drainMs: number;
  /** Waits before the first, second, ... new start; the last one repeats. */
  backoffMs: readonly number[];
  /** New starts in a row before giving up. */
  maxRestarts: number;
  /** A child that has been up this long starts a new count. */
  stableMs: number;
}
export const DEFAULT_POLICY: Policy = { startMs: 30_000, drainMs: 20_000, backoffMs: [1000, 5000, 30_000], maxRestarts: 6, stableMs: 60_000 };

export type ChildState =
  | { at: 'idle' }
  | { at: 'starting'; restarts: number; until: number; killed: boolean }
  | { at: 'ready' | 'running'; restarts: number; since: number }
  | { at: 'draining'; until: number; killed: boolean }
  | { at: 'exited' }
  | { at: 'backoff'; restarts: number; until: number; reason: string }
  | { at: 'failed'; reason: string };

export type ChildEvent =
  | { type: 'start' | 'ready' | 'busy' | 'free' | 'stop' | 'tick' }
  /** The process has ended, however it came to that. `final`: it said that starting again will not help. */
  | { type: 'exit'; reason: string; final?: boolean };

export type Effect = 'spawn' | 'release' | 'kill';
export interface Step { state: ChildState; effects: Effect[] }

export const IDLE: ChildState = { at: 'idle' };

/** One step. Events that make no sense in a state change nothing. */
export function reduce(state: ChildState, event: ChildEvent, now: number, policy: Policy): Step {
  const stay: Step = { state, effects: [] };
  const start = (restarts: number): Step => ({ state: { at: 'starting', restarts, until: now + policy.startMs, killed: false }, effects: ['spawn'] });
  switch (state.at) {
    case 'idle': case 'exited': case 'failed':
      return event.type === 'start' ? start(0) : stay;
    case 'backoff':
      if (event.type === 'stop') return { state: { at: 'exited' }, effects: [] };
      return event.type === 'start' || (event.type === 'tick' && now >= state.until) ? start(state.restarts) : stay;
    case 'starting':
      if (event.type === 'ready' && !state.killed) return { state: { at: 'ready', restarts: state.restarts, since: now }, effects: [] };
      if (event.type === 'tick' && now >= state.until && !state.killed) return { state: { ...state, killed: true }, effects: ['kill'] };
      if (event.type === 'exit') return afterCrash(state.restarts, state.killed ? `it did not answer within ${policy.startMs / 1000} s of its start` : event.reason, event.final === true, now, policy);
      if (event.type === 'stop') return { state: { at: 'draining', until: now + policy.drainMs, killed: state.killed }, effects: ['release'] };
      return stay;
    case 'ready': case 'running':
      if (event.type === 'busy') return { state: { ...state, at: 'running' }, effects: [] };
      if (event.type === 'free') return { state: { ...state, at: 'ready' }, effects: [] };
      if (event.type === 'stop') return { state: { at: 'draining', until: now + policy.drainMs, killed: false }, effects: ['release'] };
      if (event.type === 'exit') return afterCrash(now - state.since >= policy.stableMs ? 0 : state.restarts, event.reason, event.final === true, now, policy);
      return stay;
    case 'draining':
      if (event.type === 'exit') return { state: { at: 'exited' }, effects: [] };
      if (event.type === 'tick' && now >= state.until && !state.killed) return { state: { ...state, killed: true }, effects: ['kill'] };
      return stay;
  }
}

function afterCrash(restarts: number, reason: string, final: boolean, now: number, policy: Policy): Step {
  if (final || restarts >= policy.maxRestarts) return { state: { at: 'failed', reason }, effects: [] };
  const wait = policy.backoffMs[Math.min(restarts, policy.backoffMs.length - 1)] ?? 0;
  return { state: { at: 'backoff', restarts: restarts + 1, until: now + wait, reason }, effects: [] };
}

/** When the next `tick` is due, if any. */
export function nextTick(state: ChildState): number | undefined {
  if (state.at === 'backoff') return state.until;
  if ((state.at === 'starting' || state.at === 'draining') && !state.killed) return state.until;
  return undefined;
}
