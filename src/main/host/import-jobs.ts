/** Imports of models that the window follows: each with progress, speed and cancel. The work is the catalogue's; what is cancelled or fails leaves nothing behind. They live as long as the host. */
import { basename } from 'node:path';
import { AnnealError, errorShape } from '../../shared/errors.ts';
import type { ModelImport } from '../../shared/schema/model-import.ts';
import { isGgufPath } from './gguf-import.ts';
import { Pace } from './hub/pace.ts';
import { newId } from './ids.ts';
import type { HostLog } from './log.ts';
import type { ModelCatalog } from './model-catalog.ts';

const SAY_MS = 250;
interface Job { view: ModelImport; abort: AbortController; done: Promise<void> }

export class ImportJobs {
  readonly #models: ModelCatalog;
  readonly #log: HostLog;
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();
  #said = 0;
  constructor(models: ModelCatalog, log: HostLog) { this.#models = models; this.#log = log; }

  list(): ModelImport[] { return [...this.#jobs.values()].map((j) => j.view); }
  onChange(listener: () => void): () => void { this.#listeners.add(listener); return () => { this.#listeners.delete(listener); }; }

  /** A path that is being imported is not begun a second time. */
  start(path: string, name?: string): ModelImport {
    const same = [...this.#jobs.values()].find((j) => j.view.path === path && j.view.status === 'running');
    if (same) return same.view;
    const gguf = isGgufPath(path), id = newId('imp'), abort = new AbortController();
    const job: Job = {
      abort, done: Promise.resolve(),
      view: { id, name: name ?? basename(path).replace(/\.gguf$/i, ''), path, format: gguf ? 'gguf' : 'folder', status: 'running', bytes: 0, bytes_done: 0, bytes_per_second: null, seconds_left: null, error: null, model_id: null, started_at: Date.now(), ended_at: null },
    };
    this.#jobs.set(id, job);
    job.done = this.#run(job, path, name);
    this.#say(true);
    return job.view;
  }

  /** Ends it and waits until what it made is gone. One that has ended is only taken off the list. */
  async cancel(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    if (!job) throw new AnnealError('not-found', `There is no import with the id ${id}.`, { id });
    job.abort.abort();
    await job.done;
    this.#jobs.delete(id);
    this.#say(true);
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.abort.abort();
    await Promise.all([...this.#jobs.values()].map((j) => j.done));
  }

  async #run(job: Job, path: string, name: string | undefined): Promise<void> {
    const pace = new Pace(), { signal } = job.abort;
    const onProgress = (share: number, bytes: number): void => {
      const done = Math.round(share * bytes);
      pace.add(done);
      const rate = pace.rate();
      job.view = { ...job.view, bytes, bytes_done: done, bytes_per_second: rate, seconds_left: rate === null || rate <= 0 ? null : (bytes - done) / rate };
      this.#say(false);
    };
    try {
      const model = await this.#models.import(path, { name, signal, onProgress });
      this.#end(job, { status: 'done', name: model.name, model_id: model.id, bytes_done: job.view.bytes });
    } catch (error) {
      if (!signal.aborted) this.#log.warn(`import of ${path}: ${errorShape(error).message}`);
      this.#end(job, signal.aborted ? { status: 'cancelled' } : { status: 'failed', error: errorShape(error) });
    }
  }

  #end(job: Job, patch: Partial<ModelImport>): void {
    job.view = { ...job.view, bytes_per_second: null, seconds_left: null, ended_at: Date.now(), ...patch };
    this.#say(true);
  }

  #say(now: boolean): void {
    if (!now && performance.now() - this.#said < SAY_MS) return;
    this.#said = performance.now();
    for (const listener of this.#listeners) listener();
  }
}
