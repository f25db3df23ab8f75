/** Exports as jobs: what one needs, start, progress, cancel, and an honest end. One at a time; the engine process of an export ends with it, so that its memory goes back. */
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import { exportFormatOf } from '../../../shared/export-formats.ts';
import type { ExportChoice, ExportPlan, ExportRecord } from '../../../shared/schema/export.ts';
import { formatBytes } from '../../../shared/units.ts';
import type { ExportTask } from '../../engine/protocol.ts';
import type { Store } from '../../store/open.ts';
import type { Engines } from '../engines.ts';
import { newId } from '../ids.ts';
import type { HostLog } from '../log.ts';
import { availableMemory } from '../machine.ts';
import type { Roots } from '../roots.ts';
import { exportTask } from './export-task.ts';
import { outFolder } from './out-folder.ts';

export interface ExportJobsOptions { store: Store; engines: Engines; roots: Roots; log: HostLog; version: string; /** Free bytes of the disk that holds a folder. */ freeBytes: (folder: string) => Promise<number> }

/** Milliseconds between two records of progress. */
const KEEP_MS = 400;
/** What a disk should keep free beside an export. */
const SPARE_BYTES = 64e6;

export const temporaryFolder = (record: Pick<ExportRecord, 'id' | 'path'>): string => join(dirname(record.path), `.anneal-${record.id}`);

export class ExportJobs {
  readonly #o: ExportJobsOptions;
  readonly #aborts = new Map<string, AbortController>();
  /** The export that has the engine. */
  #current: { id: string; done: Promise<void> } | undefined;
  #line: Promise<void> = Promise.resolve();

  constructor(options: ExportJobsOptions) { this.#o = options; }

  /** Exports that an earlier host left behind: what they had written goes. */
  async takeUp(): Promise<void> {
    for (const record of this.#o.store.exports.list()) {
      if (record.status !== 'running') continue;
      await rm(temporaryFolder(record), { recursive: true, force: true }).catch((e: unknown) => { this.#o.log.error('removing what an export left', e); });
      this.#o.store.exports.put({ ...record, status: 'failed', ended_at: Date.now(), seconds_left: null, bytes_per_second: null, error: { code: 'unavailable', message: 'Anneal was closed while it exported. Nothing half-written was left: start the export again.' } });
    }
  }

  async plan(choice: ExportChoice & { out?: string | undefined }, signal?: AbortSignal): Promise<ExportPlan> {
    const task = this.#task(choice);
    return this.#measured(task, choice.out === undefined ? null : await outFolder(this.#o.roots, choice.out), signal);
  }

  async start(choice: ExportChoice & { out: string }): Promise<ExportRecord> {
    const { store } = this.#o, task = this.#task(choice), out = await outFolder(this.#o.roots, choice.out);
    if (store.exports.list().some((e) => e.status === 'running' && e.path === out)) throw new AnnealError('conflict', `Another export is being written to "${basename(out)}": wait for it, or choose another folder.`);
    const plan = await this.#measured(task, out);
    if (!plan.fits) throw new AnnealError('disk-full', `The export needs ${formatBytes(plan.bytes)}${plan.scratch > 0 ? ` and ${formatBytes(plan.scratch)} for its proof` : ''}, but the disk of "${basename(dirname(out))}" has ${formatBytes(plan.free ?? 0)} free: free some space, or choose another folder or a smaller type.`, { needed: plan.bytes, free: plan.free ?? 0 });
    const model = store.models.get(choice.model_id), checkpoint = choice.checkpoint_id === null ? null : store.checkpoints.get(choice.checkpoint_id);
    const record = store.exports.put({
      id: newId('exp'), model_id: model.id, model_name: model.name, checkpoint_id: checkpoint?.id ?? null, checkpoint_name: checkpoint === null ? null : checkpoint.imported ? checkpoint.run_name : `${checkpoint.run_name}@${checkpoint.step}`, run_id: checkpoint === null || checkpoint.imported ? null : checkpoint.run_id,
      format: task.format, type: task.type, lossless: plan.lossless, max_shard_bytes: task.max_shard_bytes, system: task.system, path: out,
      status: 'running', phase: 'plan', progress: 0, bytes_done: 0, bytes: plan.bytes, bytes_per_second: null, seconds_left: null, files: [], peak_rss: null, weight_hash: task.lineage.weight_hash, proof: null, notes: plan.notes, error: null, created_at: Date.now(), ended_at: null,
    });
    const abort = new AbortController();
    this.#aborts.set(record.id, abort);
    this.#line = this.#line.then(async () => {
      const done = this.#work(record.id, task, out, abort.signal);
      this.#current = { id: record.id, done };
      await done;
      this.#current = undefined;
      this.#aborts.delete(record.id);
    });
    return record;
  }

  /** Settles when what was written is gone. */
  async cancel(id: string): Promise<ExportRecord> {
    this.#aborts.get(id)?.abort();
    if (this.#current?.id === id) await this.#current.done;
    else if (this.#o.store.exports.get(id).status === 'running') this.#end(id, { status: 'cancelled' });
    return this.#o.store.exports.get(id);
  }

  remove(id: string): void {
    if (this.#o.store.exports.get(id).status === 'running') throw new AnnealError('conflict', 'The export is under way: cancel it first.');
    this.#o.store.exports.remove(id);
  }

  async close(): Promise<void> {
    for (const abort of this.#aborts.values()) abort.abort();
    await this.#line;
  }

  #task(choice: ExportChoice): ExportTask {
    const { types, label } = exportFormatOf(choice.format);
    if (choice.type !== undefined && !types.includes(choice.type)) throw new AnnealError('bad-request', `${label} cannot hold ${choice.type}: choose ${types.join(', ')}.`);
    return exportTask(this.#o.store, choice, this.#o.version);
  }

  async #measured(task: ExportTask, out: string | null, signal?: AbortSignal): Promise<ExportPlan> {
    const plan = await this.#o.engines.use('export', (api) => api.export.plan(task, signal === undefined ? {} : { signal }));
    const free = out === null ? null : await this.#o.freeBytes(dirname(out));
    return { ...plan, memory: { ...plan.memory, available: availableMemory() }, free, fits: free === null || free >= plan.bytes + plan.scratch + SPARE_BYTES };
  }

  async #work(id: string, task: ExportTask, out: string, signal: AbortSignal): Promise<void> {
    const { store, engines, log } = this.#o, temporary = temporaryFolder({ id, path: out });
    try {
      signal.throwIfAborted();
      let kept = 0, began = Date.now(), first = 0;
      for await (const event of engines.stream('export', (api) => api.export.run({ ...task, out, temporary }, { signal }))) {
        const record = store.exports.get(id);
        if (record.status !== 'running') break;
        if (event.type === 'done') { this.#end(id, { status: 'done', phase: 'finish', progress: 1, files: event.files, bytes: event.files.reduce((n, f) => n + f.bytes, 0), bytes_done: event.files.reduce((n, f) => n + f.bytes, 0), proof: event.proof, notes: event.notes, peak_rss: event.peak_rss }); break; }
        const now = Date.now();
        if (event.phase !== record.phase) { began = now; first = event.bytes_done; } else if (now - kept < KEEP_MS) continue;
        kept = now;
        const seconds = (now - began) / 1000, rate = event.phase === 'write' && seconds > 0.2 ? (event.bytes_done - first) / seconds : null;
        store.exports.put({ ...record, phase: event.phase, progress: event.progress, bytes_done: event.bytes_done, bytes_per_second: rate, seconds_left: rate === null || rate === 0 ? null : Math.max(0, record.bytes - event.bytes_done) / rate });
      }
      signal.throwIfAborted();
      if (store.exports.find(id)?.status === 'running') throw new AnnealError('internal', 'The engine ended the export without saying how.');
    } catch (e) {
      await rm(temporary, { recursive: true, force: true }).catch((f: unknown) => { log.error('removing what an export left', f); });
      if (store.exports.find(id)?.status !== 'running') return;
      const cancelled = signal.aborted;
      this.#end(id, cancelled ? { status: 'cancelled' } : { status: 'failed', error: errorShape(e) });
      if (!cancelled) log.error('export', e);
    }
  }

  #end(id: string, patch: Partial<ExportRecord>): ExportRecord {
    const { exports: records } = this.#o.store;
    return records.put({ ...records.get(id), seconds_left: null, bytes_per_second: null, ended_at: Date.now(), ...patch });
  }
}
