/**
 * Downloads of models from a hub: one at a time, each with pause, resume and cancel; nothing is asked unless a person asked for it, and the network is open only while that lasts.
 * A model appears in the list when all its files are there, checked, and read by the import.
 */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import type { Model } from '../../../shared/schema/entities.ts';
import type { Download, HubAccess, HubPreview } from '../../../shared/schema/hub.ts';
import { openNetwork } from '../../supervise/network-guard.ts';
import { newId } from '../ids.ts';
import type { HostLog } from '../log.ts';
import { freeBytes } from '../machine.ts';
import { AccessToken } from './access-token.ts';
import { hubEndpoint, parseHubModel } from './address.ts';
import { chooseFiles } from './choose-files.ts';
import { modelInfo } from './model-info.ts';
import { Pace } from './pace.ts';
import { loadPlans, partialFolder, savePlan, type Plan } from './partial.ts';
import type { HubConnection } from './request.ts';
import { transfer } from './transfer.ts';

/** Room that is left free. */
const MARGIN = 200_000_000;
const SAY_MS = 250;

export interface DownloadsOptions {
  /** Folder for downloaded models. */ models: string; /** File for a remembered token. */ tokenFile: string; log: HostLog; env?: NodeJS.ProcessEnv;
  importModel(path: string, name: string, from: { model: string; commit: string }): Promise<Model>;
  families(): Promise<readonly string[]>;
  listModels(): readonly Model[];
  idleMs?: number; second?: number; free?: (folder: string) => Promise<number>;
}
interface Entry { plan: Plan; view: Download; pace: Pace; abort: AbortController | null; done: Promise<void> }

export class Downloads {
  readonly #o: DownloadsOptions;
  readonly #token: AccessToken;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  #said = 0;
  #closed = false;

  constructor(options: DownloadsOptions) {
    this.#o = options;
    this.#token = new AccessToken(options.tokenFile, options.env ?? process.env);
    for (const plan of loadPlans(options.models)) this.#entries.set(plan.id, entryOf(plan, 'paused', options.models));
  }

  list(): Download[] { return [...this.#entries.values()].map((e) => e.view); }
  onChange(listener: () => void): () => void { this.#listeners.add(listener); return () => { this.#listeners.delete(listener); }; }
  access(): HubAccess { return { endpoint: this.#endpoint().host, token: this.#token.where() }; }
  setToken(token: string | null, remember: boolean): HubAccess { this.#token.set(token, remember); return this.access(); }

  async inspect(text: string, file: string | undefined, signal: AbortSignal = new AbortController().signal): Promise<HubPreview> {
    const endpoint = this.#endpoint(), wanted = parseHubModel(text, endpoint);
    return this.#online(`${wanted.owner}/${wanted.name}`, async (connection) => {
      const info = await modelInfo(connection, wanted, signal), { format, files, gguf, problems } = chooseFiles(info, file);
      const bytes = files.reduce((n, f) => n + Math.max(0, f.bytes), 0), have = this.#entries.get(this.#find(info.commit, info.model, files.map((f) => f.path)) ?? '')?.view.bytes_done ?? 0;
      const free = await this.#free(), needed = Math.max(0, bytes - have) + MARGIN, families = format === 'folder' ? await this.#o.families() : [];
      const supported = format === 'gguf' || info.family === null ? null : families.includes(info.family);
      if (supported === false) problems.push(`Models of the family "${info.family ?? ''}" cannot be used yet; known are ${families.join(', ')}.`);
      if (free < needed) problems.push(`The disk has ${Math.round(free / 1e6)} MB free, but ${Math.round(needed / 1e6)} MB are needed.`);
      if (info.gated && connection.token === null) problems.push('The model is gated: accept its conditions on its page, and give an access token.');
      const folder = this.#finished(folderName(info.model, info.commit, format, files[0]?.path));
      const known = this.#o.listModels().find((m) => m.path === folder || m.origin?.file.startsWith(folder) === true);
      return { model: info.model, revision: wanted.revision, commit: info.commit, endpoint: endpoint.host, license: info.license, license_link: info.licenseLink, gated: info.gated, private: info.private, family: info.family, supported, format, files, bytes, gguf, disk_free: free, disk_needed: needed, problems, model_id: known?.id ?? null };
    });
  }

  async download(text: string, options: { file?: string | undefined; name?: string | undefined }): Promise<Download> {
    const p = await this.inspect(text, options.file), problem = p.problems[0];
    if (problem !== undefined) throw new AnnealError(p.disk_free < p.disk_needed && p.problems.length === 1 ? 'disk-full' : p.gated && this.#token.get() === null ? 'hub-refused' : p.supported === false ? 'model-family-unknown' : 'unavailable', `"${p.model}" is not downloaded. ${problem}`, { model: p.model });
    const known = this.#find(p.commit, p.model, p.files.map((f) => f.path));
    if (known !== undefined) return this.resume(known);
    const gguf = p.format === 'gguf' ? p.files[0]?.path : undefined, name = options.name ?? (gguf === undefined ? p.model.split('/')[1] ?? p.model : basename(gguf, '.gguf'));
    const plan: Plan = { id: newId('dl'), model: p.model, name, revision: p.revision, commit: p.commit, endpoint: this.#endpoint().href, license: p.license, format: p.format, files: p.files, folder: folderName(p.model, p.commit, p.format, gguf), started_at: Date.now(), tags: {} };
    if (!existsSync(this.#finished(plan.folder))) savePlan(this.#o.models, plan);
    this.#entries.set(plan.id, entryOf(plan, 'queued', this.#o.models));
    return this.#start(plan.id);
  }

  pause(id: string): Download {
    const e = this.#get(id);
    if (e.view.status === 'running' || e.view.status === 'queued') { e.abort?.abort(); this.#set(e, { status: 'paused', bytes_per_second: null, seconds_left: null }); }
    return e.view;
  }

  resume(id: string): Download {
    const e = this.#get(id);
    if (['running', 'queued', 'importing', 'done'].includes(e.view.status)) return e.view;
    this.#set(e, { status: 'queued', error: null, ended_at: null });
    return this.#start(id);
  }

  /** Ends it and deletes what it fetched. A finished download is only taken off the list. */
  async cancel(id: string): Promise<void> {
    const e = this.#get(id);
    if (e.view.status === 'importing') throw new AnnealError('conflict', `"${e.view.model}" is being imported: wait until it is done.`);
    const imported = e.view.status === 'done';
    this.#set(e, { status: 'cancelled' });
    e.abort?.abort();
    await e.done;
    this.#entries.delete(id);
    rmSync(partialFolder(this.#o.models, id), { recursive: true, force: true });
    if (!imported && !this.#o.listModels().some((m) => m.path === this.#finished(e.plan.folder))) rmSync(this.#finished(e.plan.folder), { recursive: true, force: true });
    this.#say(true);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const e of this.#entries.values()) e.abort?.abort();
    await Promise.all([...this.#entries.values()].map((e) => e.done));
  }

  #endpoint(): URL { return hubEndpoint(this.#o.env); }
  #finished(folder: string): string { return join(this.#o.models, folder); }
  async #free(): Promise<number> { mkdirSync(this.#o.models, { recursive: true }); return (this.#o.free ?? freeBytes)(this.#o.models); }
  #get(id: string): Entry { const e = this.#entries.get(id); if (!e) throw new AnnealError('not-found', `There is no download with the id ${id}.`, { id }); return e; }
  #find(commit: string, model: string, files: readonly string[]): string | undefined {
    const list = files.join('\n');
    return [...this.#entries.values()].find((e) => e.plan.commit === commit && e.plan.model === model && e.plan.files.map((f) => f.path).join('\n') === list && !['done', 'cancelled'].includes(e.view.status))?.plan.id;
  }

  async #online<T>(purpose: string, work: (connection: HubConnection) => Promise<T>, endpoint = this.#endpoint()): Promise<T> {
    const use = openNetwork(purpose);
    // A token belongs to the hub that is set now, not to one that an old download came from.
    const token = endpoint.origin === this.#endpoint().origin ? this.#token.get() : null;
    try { return await work({ endpoint, token, idleMs: this.#o.idleMs ?? 30_000, use }); } finally { use.close(); }
  }

  #start(id: string): Download {
    const e = this.#get(id), before = [...this.#entries.values()].filter((other) => other !== e).map((other) => other.done), mine = e.done;
    const abort = e.abort = new AbortController();
    e.done = Promise.all([...before, mine]).then(() => this.#run(e, abort.signal));
    return e.view;
  }

  async #run(e: Entry, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed || e.view.status !== 'queued') return;
    const { plan } = e, { log, models } = this.#o, finished = this.#finished(plan.folder);
    try {
      if (!existsSync(finished)) {
        this.#set(e, { status: 'running' });
        log.info(`download of ${plan.model} at ${plan.commit} from ${plan.endpoint} began`);
        await this.#online(plan.model, (connection) => this.#fetch(e, connection, signal), new URL(plan.endpoint));
        const folder = partialFolder(models, plan.id);
        writeFileSync(join(folder, 'anneal-download.json'), `${JSON.stringify({ model: plan.model, commit: plan.commit, endpoint: plan.endpoint, license: plan.license, files: plan.files }, null, 1)}\n`);
        rmSync(join(folder, 'download.json'), { force: true });
        renameSync(folder, finished);
      }
      this.#set(e, { status: 'importing', folder: finished, bytes_done: e.view.bytes, files_done: plan.files.length, file: null, bytes_per_second: null, seconds_left: null });
      const main = plan.format === 'gguf' ? join(finished, basename(plan.files[0]?.path ?? '')) : finished;
      const model = await this.#o.importModel(main, plan.name, { model: plan.model, commit: plan.commit });
      this.#set(e, { status: 'done', model_id: model.id, ended_at: Date.now() });
      log.info(`download of ${plan.model} done, imported as ${model.id}`);
    } catch (error) {
      if (signal.aborted) return; // paused, cancelled or closing: the status says it
      this.#set(e, { status: 'failed', error: errorShape(error), bytes_per_second: null, seconds_left: null, ended_at: Date.now() });
      log.error(`download of ${plan.model}`, error);
    }
  }

  async #fetch(e: Entry, connection: HubConnection, signal: AbortSignal): Promise<void> {
    const { plan } = e, { models } = this.#o, folder = partialFolder(models, plan.id);
    mkdirSync(folder, { recursive: true });
    const missing = e.view.bytes - e.view.bytes_done, free = await this.#free();
    if (free < missing) throw new AnnealError('disk-full', `The disk has ${Math.round(free / 1e6)} MB free, but ${Math.round(missing / 1e6)} MB of "${plan.model}" are still missing: free some space, then resume.`);
    let before = 0;
    // Small files first: a missing config or a refusal is known before gigabytes are.
    for (const [n, file] of plan.files.toSorted((a, b) => a.bytes - b.bytes).entries()) {
      this.#set(e, { file: file.path, files_done: n });
      const root = connection.endpoint.pathname.replace(/\/$/, ''), path = file.path.split('/').map(encodeURIComponent).join('/');
      await transfer({
        connection, model: plan.model, file, signal, target: join(folder, basename(file.path)), second: this.#o.second ?? 1000, url: new URL(`${root}/${plan.model}/resolve/${plan.commit}/${path}`, connection.endpoint),
        tag: { get: () => plan.tags[file.path], set: (tag) => { if (tag === plan.tags[file.path]) return; if (tag === undefined) delete plan.tags[file.path]; else plan.tags[file.path] = tag; savePlan(models, plan); } },
        onBytes: (done) => { this.#progress(e, before + done); },
      });
      before += file.bytes;
    }
  }

  #progress(e: Entry, done: number): void {
    e.pace.add(done);
    const rate = e.pace.rate();
    e.view = { ...e.view, bytes_done: done, bytes_per_second: rate, seconds_left: rate === null || rate <= 0 ? null : (e.view.bytes - done) / rate };
    this.#say(false);
  }

  #set(e: Entry, patch: Partial<Download>): void { e.view = { ...e.view, ...patch }; this.#say(true); }

  #say(now: boolean): void {
    if (!now && performance.now() - this.#said < SAY_MS) return;
    this.#said = performance.now();
    for (const listener of this.#listeners) listener();
  }
}

function folderName(model: string, commit: string, format: 'folder' | 'gguf', file: string | undefined): string {
  return `${model.replace('/', '--')}${format === 'gguf' && file !== undefined ? `--${basename(file, '.gguf').replaceAll(/[^\w.-]/g, '_')}` : ''}--${commit.slice(0, 12)}`.slice(0, 250);
}

function entryOf(plan: Plan, status: 'queued' | 'paused', models: string): Entry {
  const folder = partialFolder(models, plan.id), size = (name: string): number => sizeOf(join(folder, basename(name))) ?? sizeOf(join(folder, `${basename(name)}.part`)) ?? 0;
  const bytes = plan.files.reduce((n, f) => n + f.bytes, 0), done = plan.files.reduce((n, f) => n + Math.min(f.bytes, size(f.path)), 0);
  return {
    plan, pace: new Pace(), abort: null, done: Promise.resolve(),
    view: { id: plan.id, model: plan.model, name: plan.name, revision: plan.revision, commit: plan.commit, endpoint: new URL(plan.endpoint).host, license: plan.license, format: plan.format, status, bytes, bytes_done: done, files: plan.files.length, files_done: 0, file: null, bytes_per_second: null, seconds_left: null, error: null, model_id: null, folder: null, started_at: plan.started_at, ended_at: null },
  };
}

function sizeOf(path: string): number | null { try { return statSync(path).size; } catch { return null; } }
