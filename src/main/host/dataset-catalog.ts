/** Registers dataset versions and reads their rows. Files are read by main/data; a version is immutable and named by its content. */
import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';
import type { DatasetPreview, RowView } from '../../shared/schema/data.ts';
import type { Dataset } from '../../shared/schema/entities.ts';
import { openDataset } from '../data/version/dataset.ts';
import { exportDataset } from '../data/version/export-dataset.ts';
import type { ExportFile } from '../data/version/export-dataset.ts';
import type { Store } from '../store/open.ts';
import { importDataset, inspectDataset } from './dataset-files.ts';
import type { HowToRead } from './dataset-files.ts';
import { newId } from './ids.ts';
import { unusedName } from './names.ts';
import { rowView } from './row-view.ts';
import type { Roots } from './roots.ts';

/** A search stops counting here; the total then says "at least". */
const MOST_HITS = 10_000;

export class DatasetCatalog {
  readonly #store: Store;
  readonly #roots: Roots;
  constructor(store: Store, roots: Roots) { this.#store = store; this.#roots = roots; }

  async exists(path: string): Promise<boolean> { return stat(path).then((s) => s.isFile(), () => false); }

  async inspect(path: string, how: HowToRead): Promise<DatasetPreview> { return inspectDataset(await this.#roots.check(path), how); }

  /** The same rows under the same name give the same record. */
  async import(path: string, how: HowToRead & { name?: string | undefined; source?: Dataset['source'] }): Promise<Dataset> {
    const file = await this.#roots.check(path), { datasets } = this.#store;
    const { dir, meta } = await importDataset(file, this.#store.home.datasets, how);
    const known = datasets.list().find((d) => d.version === meta.hash && d.kind === meta.kind);
    if (known && (how.name === undefined || how.name === known.name)) return known;
    return datasets.put({
      id: newId('set'), name: unusedName(how.name ?? basename(file, extname(file)), datasets.list()), source: how.source ?? 'imported', format: meta.format, kind: meta.kind,
      rows: meta.rows, bytes: meta.bytes, bad_rows: meta.bad_rows, version: meta.hash, dir, file_name: basename(file), created_at: Date.now(),
    });
  }

  /** Writes its rows into the data folder's `exports`, under a name that nothing has yet. */
  async export(id: string, format: string, file: ExportFile, signal: AbortSignal): Promise<{ path: string; rows: number; bytes: number }> {
    const { name, dir } = this.#store.datasets.get(id), folder = join(this.#store.home.root, 'exports');
    await mkdir(folder, { recursive: true });
    const stem = `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^\.+/, '').slice(0, 80) || 'dataset'}-${format}`;
    let path = join(folder, `${stem}.${file}`);
    for (let n = 2; existsSync(path); n++) path = join(folder, `${stem}-${n}.${file}`);
    return { path, ...(await this.#write(dir, path, { format, file, signal })) };
  }

  /** Writes its rows as a file that does not exist yet. */
  async exportTo(id: string, path: string, format: string, file: ExportFile): Promise<{ rows: number; bytes: number }> { return this.#write(this.#store.datasets.get(id).dir, path, { format, file }); }

  async #write(dir: string, path: string, how: { format: string; file: ExportFile; signal?: AbortSignal }): Promise<{ rows: number; bytes: number }> {
    const dataset = await openDataset(dir);
    try { return await exportDataset(dataset, path, how); } finally { await dataset.close(); }
  }

  rename(id: string, name: string): Dataset { return this.#store.datasets.change(id, { name: unusedName(name, this.#store.datasets.list().filter((d) => d.id !== id)) }); }

  /** The folder goes when no other record names it. */
  async remove(id: string): Promise<void> {
    const { dir } = this.#store.datasets.get(id);
    this.#store.datasets.remove(id);
    if (!this.#store.datasets.list().some((d) => d.dir === dir)) await rm(dir, { recursive: true, force: true });
  }

  /** Whether its rows need a chat template; told by the first one. */
  async hasConversations({ kind, dir }: Dataset): Promise<boolean> {
    if (kind === 'messages' || kind === 'text') return kind === 'messages';
    const dataset = await openDataset(dir);
    try { const row = await dataset.row(0); return 'prompt' in row && typeof row.prompt !== 'string'; } finally { await dataset.close(); }
  }

  async rows(id: string, offset: number, limit: number, query: string | undefined, signal: AbortSignal): Promise<{ rows: RowView[]; total: number }> {
    const dataset = await openDataset(this.#store.datasets.get(id).dir);
    try {
      if (query === undefined || query === '') return { rows: (await dataset.rows(offset, limit)).map((row, k) => rowView(row, offset + k)), total: dataset.count };
      const hits = await dataset.search(query, { limit: MOST_HITS, signal });
      const shown = hits.slice(offset, offset + limit);
      return { rows: await Promise.all(shown.map(async ({ index }) => rowView(await dataset.row(index), index))), total: hits.length };
    } catch (e) {
      if (signal.aborted) throw new AnnealError('cancelled', 'The request was cancelled.', {}, { cause: e });
      throw e;
    } finally { await dataset.close(); }
  }
}
