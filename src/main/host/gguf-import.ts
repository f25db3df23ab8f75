/** Model folders made from GGUF files: under `converted/` in the data folder, one for each import, removed with its model. The engine converts; the host keeps the place in order. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Store } from '../store/open.ts';
import type { Engines } from './engines.ts';
import { newId } from './ids.ts';

/** How an import is followed: `bytes` are written in all, `share` of them is done. */
export interface ImportWatch { signal?: AbortSignal | undefined; onProgress?: ((share: number, bytes: number) => void) | undefined }

export class GgufImport {
  readonly #store: Store;
  readonly #engines: Engines;
  /** Folders that are being filled or wait for their record. */
  readonly #open = new Set<string>();
  constructor(store: Store, engines: Engines) { this.#store = store; this.#engines = engines; }

  /** Makes a folder, lets `register` put it on record, and returns what it gave; if anything fails the folder goes again. */
  async run<T>(file: string, { signal, onProgress }: ImportWatch, register: (folder: string, notes: string[]) => Promise<T>): Promise<T> {
    const root = this.#store.home.converted, folder = join(root, newId('mdl'));
    await mkdir(root, { recursive: true });
    await this.#sweep();
    this.#open.add(folder);
    try {
      let notes: string[] = [];
      for await (const item of this.#engines.stream('data', (api) => api.model.convert({ file, folder }, { signal }))) { onProgress?.(item.progress, item.bytes); notes = item.notes ?? notes; }
      return await register(folder, notes);
    } catch (e) {
      await rm(folder, { recursive: true, force: true });
      if (signal?.aborted === true) await this.#gone(basename(folder));
      throw e;
    } finally { this.#open.delete(folder); }
  }

  /** Waits until the engine, told to stop, has removed what it was writing. */
  async #gone(name: string): Promise<void> {
    for (let i = 0; i < 100; i++) {
      if (!(await readdir(this.#store.home.converted)).some((x) => x.includes(name))) return;
      await wait(100);
    }
  }

  /** Deletes the folder of a model that is taken from the list; the GGUF file is the person's and stays. */
  async discard(path: string): Promise<void> {
    if (dirname(path) === this.#store.home.converted) await rm(path, { recursive: true, force: true });
  }

  /** Removes what a killed import left: folders that no record names. */
  async #sweep(): Promise<void> {
    if (this.#open.size > 0) return;
    const root = this.#store.home.converted, known = new Set(this.#store.models.list().map((m) => m.path));
    for (const name of await readdir(root)) if (!known.has(join(root, name))) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** A folder whose weights lie in a GGUF file that is gone. */
export const lacksGguf = (folder: string, origin: { file: string } | undefined): boolean => origin !== undefined && existsSync(join(folder, 'weights.gguf.json')) && !existsSync(origin.file);
export const isGgufPath = (path: string): boolean => path.toLowerCase().endsWith('.gguf');
