/** Everything that can be done to a run: create, pause, resume, stop, remove. Owns the queue and the life of a run between its attempts. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { AnnealError } from '../../../shared/errors.ts';
import type { Run } from '../../../shared/schema/entities.ts';
import type { Job } from '../../engine/protocol.ts';
import type { Store } from '../../store/open.ts';
import { cacheFolder } from '../caches.ts';
import { wantedDevice, type Devices } from '../devices.ts';
import type { Engines, Lease } from '../engines.ts';
import { newId } from '../ids.ts';
import type { HostLog } from '../log.ts';
import { physicalCores } from '../machine.ts';
import { referenceRef } from '../reference-model.ts';
import type { Resolved } from '../resolve.ts';
import { runAttempt } from './attempt.ts';
import type { Ending } from './attempt.ts';
import { endOrphan } from './orphans.ts';
import { Queue } from './queue.ts';
import { reconcileCheckpoints } from './reconcile-checkpoints.ts';
import { afterCrash } from './resume-policy.ts';
import { RunNewsDesk } from './run-news.ts';
import { isLive, isOver, nextState } from './run-state.ts';
import type { RunEvent } from './run-state.ts';

export interface RunJobsOptions {
  store: Store;
  engines: Engines;
  devices: Devices;
  log: HostLog;
  /** Milliseconds of one second of back-off; tests make it short. */
  second?: number;
}

export class RunJobs {
  readonly news = new RunNewsDesk();
  readonly #store: Store;
  readonly #engines: Engines;
  readonly #devices: Devices;
  readonly #log: HostLog;
  readonly #second: number;
  readonly #queue: Queue;
  #lease: Lease | undefined;
  #wake: (() => void) | undefined;
  #closing = false;
  #haltedAt = 0;

  constructor({ store, engines, devices, log, second = 1000 }: RunJobsOptions) {
    this.#store = store;
    this.#engines = engines;
    this.#devices = devices;
    this.#log = log;
    this.#second = second;
    this.#queue = new Queue((id) => this.#work(id), () => { this.#numberQueue(); });
  }

  /** The run that has the engine or waits for its next attempt. */
  get current(): string | null { return this.#queue.current; }
  get waiting(): readonly string[] { return this.#queue.waiting; }

  /** Puts runs that an earlier host left behind into an honest state; starts them again where asked. */
  async takeUp(resume: boolean): Promise<void> {
    const left = this.#store.runs.list().filter((r) => isLive(r.status) || r.status === 'queued' || r.status === 'interrupted').toSorted((a, b) => (a.queue ?? 0) - (b.queue ?? 0));
    for (const run of left) {
      await endOrphan(this.#store.runs.private(run.id).engine_pid, this.#log);
      const found = this.#apply(run.id, { type: 'found' });
      if (resume && (found.status === 'interrupted' || run.status === 'queued')) this.resume(run.id);
    }
  }

  create(resolved: Resolved): Run {
    const { recipe, model, train, evaluation } = resolved, id = newId('run');
    const names = new Set(this.#store.runs.list().map((r) => r.name));
    const base = recipe.name ?? `${model.name} ${recipe.method} ${train.name}`.slice(0, 110);
    let name = base;
    for (let n = 2; names.has(name); n++) name = `${base} ${n}`;
    const folder = join(this.#store.home.runs, id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'recipe.yaml'), stringify(recipe), { flush: true });
    this.#store.runs.put({
      id, name, method: recipe.method, status: 'queued', recipe, model_id: model.id, model_name: model.name, train_dataset_id: train.id, train_dataset_name: train.name, eval_dataset_id: evaluation?.id ?? null,
      created_at: Date.now(), started_at: null, ended_at: null, step: 0, total_steps: 0, epoch: 0, tokens: 0, seconds: 0, seconds_left: null, attempt: 0, last: {}, spark: [], metric_seq: 0, durable_step: 0, best_step: null, queue: null, error: null, note: null,
    });
    if (resolved.checkpoint) this.#store.logs.add(id, 'info', `Starts from ${resolved.checkpoint.run_name} at step ${resolved.checkpoint.step}.`);
    this.#queue.add(id);
    return this.#store.runs.get(id);
  }

  pause(id: string): Run { return this.#ask(id, 'ask-pause', 'pause'); }
  stop(id: string): Run {
    // Asked a second time while it does not come: end the engine. The last checkpoint stays.
    if (this.#store.runs.get(id).status === 'stopping' && this.#queue.current === id && Date.now() - this.#haltedAt > 10_000) this.#lease?.kill();
    return this.#ask(id, 'ask-stop', 'stop');
  }

  resume(id: string): Run {
    if (this.#queue.current === id && this.#store.runs.get(id).status === 'interrupted') { this.#wake?.(); return this.#store.runs.get(id); }
    this.#apply(id, { type: 'enqueue' });
    this.#queue.add(id);
    return this.#store.runs.get(id);
  }

  /** Another place among the waiting runs, from 1. */
  move(id: string, to: number): Run {
    const { name } = this.#store.runs.get(id);
    if (!this.#queue.move(id, to)) throw new AnnealError('run-state', `The run "${name}" does not wait in the queue.`, { name });
    return this.#store.runs.get(id);
  }

  rename(id: string, name: string): Run {
    if (this.#store.runs.list().some((r) => r.name === name && r.id !== id)) throw new AnnealError('conflict', `Another run is called "${name}" already.`);
    return this.#store.durable(() => {
      for (const c of this.#store.checkpoints.of(id)) this.#store.checkpoints.change(c.id, { run_name: name });
      return this.#store.runs.change(id, { name });
    });
  }

  async remove(id: string, files: boolean): Promise<void> {
    const run = this.#store.runs.get(id);
    if (!isOver(run.status) && run.status !== 'interrupted') throw new AnnealError('run-state', `The run is ${run.status}: stop it before you remove it.`, { status: run.status });
    if (this.#queue.current === id) throw new AnnealError('run-state', 'The run is about to continue: stop it before you remove it.');
    this.#store.durable(() => {
      if (files) for (const c of this.#store.checkpoints.of(id)) this.#store.checkpoints.remove(c.id);
      this.#store.runs.remove(id);
    });
    this.#store.logs.forget(id);
    this.#store.metrics.close(id);
    if (files) await rm(join(this.#store.home.runs, id), { recursive: true, force: true });
  }

  /** Finishes the step under way, saves, ends the engines. Runs that were at work can continue at the next start. Gives how many there were. */
  async close(graceMs = 15_000): Promise<number> {
    this.#closing = true;
    const stopped = this.#store.runs.list().filter((r) => isLive(r.status) || r.status === 'queued');
    const current = this.#queue.current;
    this.#queue.close();
    this.#wake?.();
    if (current !== null && isLive(this.#store.runs.get(current).status)) {
      const over = this.#whenOver(current);
      if (['starting', 'running', 'evaluating'].includes(this.#store.runs.get(current).status)) this.pause(current);
      const lease = this.#lease;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([over, new Promise<void>((resolve) => { timer = setTimeout(() => { lease?.kill(); resolve(); }, graceMs); })]);
      clearTimeout(timer);
      await over;
    }
    return stopped.length;
  }

  #ask(id: string, type: 'ask-pause' | 'ask-stop', how: 'pause' | 'stop'): Run {
    this.#queue.remove(id);
    const run = this.#apply(id, { type });
    if (this.#queue.current === id) { this.#halt(how); this.#wake?.(); }
    return run;
  }

  #halt(how: 'pause' | 'stop'): void {
    if (how === 'stop') this.#haltedAt ||= Date.now();
    this.#lease?.api.train.halt({ how }).catch((e: unknown) => { this.#log.warn(`halt: ${e instanceof Error ? e.message : String(e)}`); });
  }

  async #work(id: string): Promise<void> {
    try {
      while (!this.#closing) {
        this.#begin(id);
        await this.#settleWhenPossible(id, await this.#attempt(id));
        if (this.#store.runs.find(id)?.status !== 'interrupted') return;
        const verdict = afterCrash(this.#store.runs.private(id).failures, this.#store.runs.get(id).recipe);
        if (verdict.kind === 'retry') await this.#sleep(verdict.seconds * this.#second);
        if (this.#store.runs.find(id)?.status !== 'interrupted') return;
      }
    } catch (e) {
      this.#log.error(`run ${id}`, e);
      const run = this.#store.runs.find(id);
      if (run && isLive(run.status)) this.#apply(id, { type: 'failed', error: { code: 'internal', message: e instanceof Error ? e.message : String(e) } });
    }
  }

  #begin(id: string): void {
    reconcileCheckpoints(this.#store, id, this.#log);
    const run = this.#store.runs.get(id), from = this.#store.checkpoints.latest(id)?.step ?? 0, attempt = run.attempt + 1;
    this.#store.durable(() => {
      this.#apply(id, { type: 'begin' });
      this.#store.runs.addAttempt(id, { attempt, from_step: from, started_at: Date.now() });
      this.#store.runs.change(id, { attempt, step: from, started_at: run.started_at ?? Date.now(), ended_at: null, error: null });
    });
  }

  async #attempt(id: string): Promise<Ending> {
    try {
      return await runAttempt({
        store: this.#store, engines: this.#engines, news: this.news, job: (run) => this.#placed(run), apply: (which, event) => this.#apply(which, event), pause: (which) => { this.pause(which); },
        onLease: (lease) => {
          this.#lease = lease;
          const { status } = this.#store.runs.get(id); // asked before the engine could hear it
          if (status === 'pausing' || status === 'stopping') this.#halt(status === 'pausing' ? 'pause' : 'stop');
        },
      }, id);
    } finally { this.#lease = undefined; this.#haltedAt = 0; }
  }

  /** A run that goes on stays where it was computed. */
  async #placed(run: Run): Promise<Job> {
    const job = this.#job(run), wanted = wantedDevice(run.recipe);
    const device = run.device !== undefined && job.resume !== null ? await this.#devices.again(run.device, wanted) : await this.#devices.choose(wanted);
    this.#store.transaction(() => { this.#store.runs.change(run.id, { device }); });
    return { ...job, device };
  }

  /** A disk without room for a record is waited for: what happened must not be forgotten. */
  async #settleWhenPossible(id: string, ending: Ending): Promise<void> {
    for (;;) {
      try { this.#settle(id, ending); return; } catch (e) {
        if (!(e instanceof AnnealError) || e.code !== 'disk-full' || this.#closing) throw e;
        await this.#sleep(2000);
      }
    }
  }

  #settle(id: string, ending: Ending): void {
    const run = this.#store.runs.get(id);
    if (ending.type === 'crashed') {
      const failures = [...this.#store.runs.private(id).failures, { step: run.step, code: ending.code, message: ending.message, at: Date.now() }];
      this.#store.durable(() => {
        this.#store.runs.setPrivate(id, { failures });
        this.#store.logs.add(id, 'error', ending.message);
        this.#apply(id, { type: 'crashed', verdict: afterCrash(failures, run.recipe), error: { code: ending.code, message: ending.message } });
      });
      return;
    }
    const error = ending.error;
    this.#store.durable(() => {
      if (error) this.#store.logs.add(id, 'error', error.message);
      this.#apply(id, ending);
      // A run that was only halted because Anneal closes is taken up again at the next start.
      if (this.#closing && ending.type === 'done' && ending.outcome === 'paused' && !error) this.#store.runs.change(id, { status: 'interrupted', note: 'Anneal was closed; it can continue from the last checkpoint.' });
    });
  }

  #job(run: Run): Job {
    const store = this.#store;
    const model = store.models.get(run.model_id), train = store.datasets.get(run.train_dataset_id), evaluation = run.eval_dataset_id === null ? null : store.datasets.get(run.eval_dataset_id);
    if (!existsSync(model.path)) throw new AnnealError('file-not-found', `The folder of the model "${model.name}" is gone: put it back, then resume.`);
    const base = run.recipe.checkpoint === undefined ? undefined : store.checkpoints.list().find((c) => c.id === run.recipe.checkpoint || `${c.run_name}@${c.step}` === run.recipe.checkpoint);
    if (run.recipe.checkpoint !== undefined && !base) throw new AnnealError('not-found', `The checkpoint ${run.recipe.checkpoint} that the run starts from is gone.`);
    const own = store.checkpoints.latest(run.id);
    return {
      recipe: run.recipe, model: { folder: model.path, checkpoint: base ? { folder: base.path, kind: base.kind } : null, chat_template: run.recipe.chat_template ?? null, template_time: run.created_at },
      train_dir: train.dir, eval_dir: evaluation?.dir ?? null, reference: referenceRef(store, run.recipe), cache_dir: cacheFolder(store.home.root), run_dir: join(store.home.runs, run.id), resume: own?.path ?? null, threads: run.recipe.threads ?? (store.settings.get().threads || physicalCores()),
    };
  }

  /** The records say where each waits, so that windows show the order and a next start keeps it. */
  #numberQueue(): void {
    if (this.#closing) return;
    for (const [i, id] of this.#queue.waiting.entries()) if (this.#store.runs.get(id).queue !== i + 1) this.#store.runs.change(id, { queue: i + 1 });
  }

  #apply(id: string, event: RunEvent): Run {
    const run = this.#store.runs.get(id), next = nextState(run, event);
    if (next.status === run.status && next.note === run.note && next.error === run.error) return run;
    const changed = this.#store.durable(() => this.#store.runs.put({ ...run, ...next, queue: next.status === 'queued' || event.type === 'found' ? run.queue : null, ended_at: isOver(next.status) ? Date.now() : null, seconds_left: isLive(next.status) ? run.seconds_left : null }));
    this.news.tell(id, { type: 'state', run: changed });
    return changed;
  }

  #whenOver(id: string): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.news.follow(id, (news) => { if (news.type === 'state' && !isLive(news.run.status)) { stop(); resolve(); } });
    });
  }

  async #sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => { this.#wake = resolve; timer = setTimeout(resolve, ms); });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
