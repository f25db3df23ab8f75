/** The engine processes of the host: one of each kind at most, started when somebody needs it, ended when nobody has for a while. An engine may die at any moment; whoever uses it is told how. */
import { AnnealError } from '../../shared/errors.ts';
import { createClient } from '../../shared/rpc/client.ts';
import type { Client } from '../../shared/rpc/define.ts';
import type { SpawnedChild, Spawner } from '../supervise/spawner.ts';
import { BEAT_MS, engineContract, ENGINE_KINDS, parseBeat } from '../engine/protocol.ts';
import type { EngineContract, EngineKind } from '../engine/protocol.ts';
import { describeExit } from './exit-words.ts';
import type { EngineExit } from './exit-words.ts';
import { Liveness } from './jobs/liveness.ts';
import type { LivenessLimits, Vital } from './jobs/liveness.ts';
import type { HostLog } from './log.ts';
import { residentBytes } from './machine.ts';

export interface EngineOptions {
  spawner: Spawner;
  log: HostLog;
  startMs?: number;
  /** How long an engine of each kind stays without work. */
  idleMs?: Partial<Record<EngineKind, number>>;
  liveness?: Partial<LivenessLimits>;
}
const IDLE_MS: Record<EngineKind, number> = { train: 0, generate: 300_000, data: 30_000, export: 0, device: 0 };
const START_MS = 60_000;
/** How long a released engine may take to end by itself. */
const END_MS = 20_000;

/** A right to use an engine. Call `done` when finished. */
export interface Lease {
  readonly api: Client<EngineContract>;
  readonly pid: number | null;
  readonly exited: Promise<EngineExit>;
  /** Hears once a second whether the engine is alive or stalled, until it ends. A silent one is killed: `exited` says so. */
  onVital(fn: (vital: Vital) => void): void;
  /** A step has ended, after so many seconds of training: the pace against which a stall is judged. */
  progress(step: number, seconds: number): void;
  kill(): void;
  done(): void;
}

interface Engine { child: SpawnedChild; api: Client<EngineContract>; started: Promise<void>; exited: Promise<EngineExit>; liveness: Liveness; vitals: ((vital: Vital) => void)[]; gone: boolean; ready: boolean; users: number; timer: NodeJS.Timeout | undefined; connections: number; rss: number }

export class Engines {
  readonly #options: EngineOptions;
  readonly #engines = new Map<EngineKind, Engine>();
  /** Engines that were let go and have not ended yet. */
  readonly #ending = new Set<Engine>();
  #pastConnections = 0;
  #closed = false;

  constructor(options: EngineOptions) { this.#options = options; }

  async acquire(kind: EngineKind): Promise<Lease> {
    if (this.#closed) throw new AnnealError('unavailable', 'Anneal is closing.');
    let engine = this.#engines.get(kind);
    if (!engine || engine.gone) this.#engines.set(kind, engine = this.#start(kind));
    const used = engine;
    clearTimeout(used.timer);
    used.users++;
    let open = true;
    const done = (): void => {
      if (!open) return;
      open = false;
      if (--used.users === 0 && !used.gone) this.#whenIdle(kind, used);
    };
    try { await used.started; } catch (e) { done(); throw e; }
    return { api: used.api, pid: used.child.pid ?? null, exited: used.exited, onVital: (fn) => { used.vitals.push(fn); }, progress: (step, seconds) => { used.liveness.progress(performance.now(), step, seconds); }, kill: () => { used.child.kill(); }, done };
  }

  /** Runs one piece of work; the death of the engine becomes an `engine-crashed` that says how it died. */
  async use<T>(kind: EngineKind, work: (api: Client<EngineContract>) => Promise<T>): Promise<T> {
    const lease = await this.acquire(kind);
    try { return await work(lease.api); } catch (e) { throw await crashOf(lease, e); } finally { lease.done(); }
  }

  async *stream<T>(kind: EngineKind, open: (api: Client<EngineContract>) => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    const lease = await this.acquire(kind);
    try { yield* open(lease.api); } catch (e) { throw await crashOf(lease, e); } finally { lease.done(); }
  }

  /** What runs, as measured. `connections` counts what all engines so far have tried. */
  status(): { engines: { kind: string; state: string; pid: number | null; rss: number }[]; connections: number } {
    const live = ENGINE_KINDS.flatMap((kind) => { const e = this.#engines.get(kind); return e && !e.gone ? [{ kind, e }] : []; });
    return {
      engines: live.map(({ kind, e }) => ({ kind, state: !e.ready ? 'starting' : e.users > 0 ? 'busy' : 'idle', pid: e.child.pid ?? null, rss: residentBytes(e.child.pid) ?? e.rss })),
      connections: live.reduce((n, { e }) => n + e.connections, this.#pastConnections),
    };
  }

  /** Asks every engine for what only it can count. A busy engine answers late; its last answer stands until then. */
  async poll(): Promise<void> {
    await Promise.all([...this.#engines.values()].filter((e) => e.ready && !e.gone).map((e) => pollOne(e)));
  }

  /** Lets all engines finish and waits until they have gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const [kind, engine] of this.#engines) this.#end(kind, engine);
    await Promise.all([...this.#ending].map((e) => e.exited));
  }

  #start(kind: EngineKind): Engine {
    const { spawner, log, startMs = START_MS } = this.#options, liveness = new Liveness(this.#options.liveness);
    const child = spawner.spawn({ entry: 'engine', name: kind, args: [kind], env: { ANNEAL_ENGINE_KIND: kind } });
    const client = createClient(engineContract, child.open('main'), { checkOutputs: true });
    const engine: Engine = { child, api: client.api, started: Promise.resolve(), exited: Promise.resolve({ code: 0, signal: null, reason: 'clean', tail: [] }), liveness, vitals: [], gone: false, ready: false, users: 0, timer: undefined, connections: 0, rss: 0 };
    let because: string | undefined;
    const watch = setInterval(() => {
      const vital = liveness.look(performance.now());
      if (vital.state !== 'silent') { for (const fn of engine.vitals) fn(vital); return; }
      clearInterval(watch);
      because = `The engine gave no sign of life for ${Math.round(vital.silentMs / 1000)} s and was ended.`;
      child.kill();
    }, BEAT_MS);
    watch.unref();
    engine.exited = new Promise((resolve) => {
      child.onExit((died) => {
        const exit: EngineExit = because === undefined ? died : { ...died, because };
        clearInterval(watch);
        engine.gone = true;
        clearTimeout(engine.timer);
        this.#ending.delete(engine);
        this.#pastConnections += engine.connections;
        if (this.#engines.get(kind) === engine) this.#engines.delete(kind);
        if (exit.reason !== 'clean' || because !== undefined) log.warn(`engine ${kind}: ${describeExit(exit)}`);
        client.close();
        resolve(exit);
      });
    });
    child.onLine((line) => {
      const blocked = parseBeat(line);
      if (blocked !== null) liveness.beat(performance.now(), blocked);
      else log.info(`engine ${kind}: ${line.slice(0, 2000)}`);
    });
    engine.started = this.#ready(kind, engine, client.hello, startMs);
    engine.started.catch(() => { /* told to whoever acquires */ });
    return engine;
  }

  async #ready(kind: EngineKind, engine: Engine, hello: Promise<unknown>, startMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { engine.child.kill(); reject(new AnnealError('engine-start', `The ${kind} engine did not answer within ${startMs / 1000} s of its start.`)); }, startMs); });
    const died = engine.exited.then((exit) => { throw new AnnealError('engine-start', `The ${kind} engine does not start. ${describeExit(exit)}`); });
    died.catch(() => { /* raced below */ });
    try {
      await Promise.race([hello.catch(() => died), late, died]);
      engine.ready = true;
    } finally { clearTimeout(timer); }
  }

  #whenIdle(kind: EngineKind, engine: Engine): void {
    const wait = this.#options.idleMs?.[kind] ?? IDLE_MS[kind];
    if (wait === 0) { this.#end(kind, engine); return; }
    engine.timer = setTimeout(() => { this.#end(kind, engine); }, wait);
    engine.timer.unref();
  }

  #end(kind: EngineKind, engine: Engine): void {
    if (this.#engines.get(kind) === engine) this.#engines.delete(kind);
    if (engine.gone) return;
    clearTimeout(engine.timer);
    this.#ending.add(engine);
    const kill = setTimeout(() => { engine.child.kill(); }, END_MS);
    void engine.exited.then(() => { clearTimeout(kill); });
    void pollOne(engine).finally(() => { engine.child.release(); }); // its last count first
  }
}

async function pollOne(engine: Engine): Promise<void> {
  if (!engine.ready) return;
  try {
    const usage = await engine.api.engine.usage({}, { signal: AbortSignal.timeout(700) });
    engine.connections = usage.connections;
    engine.rss = usage.rss;
  } catch { /* busy in a step, or gone: the last answer stands */ }
}

/** The error to show for `e`: if the connection broke, how the engine died. */
async function crashOf(lease: Lease, e: unknown): Promise<unknown> {
  if (!(e instanceof AnnealError) || e.code !== 'disconnected') return e;
  return new AnnealError('engine-crashed', describeExit(await lease.exited), {}, { cause: e });
}
