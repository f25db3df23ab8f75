/** Keeps one child alive: spawns it, knows when it answers, starts it again after a crash with growing waits, ends it gracefully. At most one process at a time. */
import { DEFAULT_POLICY, IDLE, nextTick, reduce } from './machine.ts';
import type { ChildEvent, ChildState, Policy } from './machine.ts';
import type { ChildExit, ChildSpec, SpawnedChild, Spawner } from './spawner.ts';

/** A child exits with this code when starting it again will not help: its data folder is in use, its store is from a newer version. Its last line says why. */
export const EXIT_UNUSABLE = 3;

export interface SupervisorOptions {
  policy?: Partial<Policy>;
  /** Resolves when a fresh child answers, usually `client.hello` on a channel of it. */
  ready: (child: SpawnedChild) => Promise<unknown>;
  clock?: Clock;
}
export interface Clock { now(): number; after(ms: number, fn: () => void): () => void }
const realClock: Clock = { now: () => Date.now(), after: (ms, fn) => { const t = setTimeout(fn, ms); return () => { clearTimeout(t); }; } };

export class Supervisor {
  #state: ChildState = IDLE;
  #child: SpawnedChild | undefined;
  #cancelTick: (() => void) | undefined;
  readonly #spawner: Spawner;
  readonly #spec: ChildSpec;
  readonly #policy: Policy;
  readonly #ready: SupervisorOptions['ready'];
  readonly #clock: Clock;
  readonly #stateListeners = new Set<(state: ChildState) => void>();
  readonly #exitListeners = new Set<(exit: ChildExit) => void>();

  constructor(spawner: Spawner, spec: ChildSpec, options: SupervisorOptions) {
    this.#spawner = spawner;
    this.#spec = spec;
    this.#policy = { ...DEFAULT_POLICY, ...options.policy };
    this.#ready = options.ready;
    this.#clock = options.clock ?? realClock;
  }

  get state(): ChildState { return this.#state; }
  /** The child, once it answers and until it ends or is asked to. */
  get child(): SpawnedChild | undefined { return this.#state.at === 'ready' || this.#state.at === 'running' ? this.#child : undefined; }
  onState(fn: (state: ChildState) => void): () => void { this.#stateListeners.add(fn); return () => { this.#stateListeners.delete(fn); }; }
  onExit(fn: (exit: ChildExit) => void): () => void { this.#exitListeners.add(fn); return () => { this.#exitListeners.delete(fn); }; }
  start(): void { this.#apply({ type: 'start' }); }
  setBusy(busy: boolean): void { this.#apply({ type: busy ? 'busy' : 'free' }); }
  /** Ends the child; resolves when it has gone. It is killed if it takes longer than the policy allows. */
  stop(): Promise<void> {
    this.#apply({ type: 'stop' });
    if (this.#state.at !== 'draining') return Promise.resolve();
    return new Promise((resolve) => { const off = this.onState((s) => { if (s.at !== 'draining') { off(); resolve(); } }); });
  }
  /** Resolves with a child that answers; rejects when supervision has given up or was ended. */
  whenReady(): Promise<SpawnedChild> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        if (this.child) resolve(this.child);
        else if (this.#state.at === 'failed') reject(new Error(`The ${this.#spec.name} process does not start: ${this.#state.reason}`));
        else if (this.#state.at === 'exited' || this.#state.at === 'draining') reject(new Error(`The ${this.#spec.name} process was stopped.`));
        else return false;
        return true;
      };
      if (!look()) { const off = this.onState(() => { if (look()) off(); }); }
    });
  }

  #apply(event: ChildEvent): void {
    const step = reduce(this.#state, event, this.#clock.now(), this.#policy), changed = step.state !== this.#state;
    this.#state = step.state;
    for (const effect of step.effects) {
      if (effect === 'spawn') this.#spawn();
      else if (effect === 'kill') this.#child?.kill();
      else this.#child?.release();
    }
    if (!changed) return;
    this.#cancelTick?.();
    const due = nextTick(this.#state);
    this.#cancelTick = due === undefined ? undefined : this.#clock.after(Math.max(0, due - this.#clock.now()), () => { this.#apply({ type: 'tick' }); });
    for (const fn of this.#stateListeners) fn(this.#state);
  }

  #spawn(): void {
    const child = this.#spawner.spawn(this.#spec);
    this.#child = child;
    child.onExit((exit) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      for (const fn of this.#exitListeners) fn(exit);
      this.#apply({ type: 'exit', reason: exitSentence(exit), final: exit.code === EXIT_UNUSABLE });
    });
    // A child that closes its channel without answering exits, or meets the deadline: nothing to do here.
    this.#ready(child).then(() => { if (this.#child === child) this.#apply({ type: 'ready' }); }, () => undefined);
  }
}

export function exitSentence(exit: ChildExit): string {
  const last = exit.tail.findLast((l) => l.trim() !== '');
  if (exit.code === EXIT_UNUSABLE && last !== undefined) return last.replace(/^error [a-z-]+: /, '');
  const how = exit.reason === 'memory' ? 'it ran out of memory' : exit.reason === 'not-started' ? 'it could not be started' : exit.signal !== null ? `it was ended by ${exit.signal}` : `it exited with code ${exit.code ?? 'unknown'}`;
  return last === undefined ? how : `${how}: ${last.slice(0, 300)}`;
}
