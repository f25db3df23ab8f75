/** Registers model folders, and GGUF files by way of folders made from them. Reading and hashing weights is the data engine's work; the host keeps the record. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';
import type { Model } from '../../shared/schema/entities.ts';
import type { ModelPreview } from '../../shared/schema/data.ts';
import type { Store } from '../store/open.ts';
import type { Engines } from './engines.ts';
import { GgufImport, isGgufPath, lacksGguf, type ImportWatch } from './gguf-import.ts';
import { newId } from './ids.ts';
import type { Roots } from './roots.ts';
import { unusedName } from './names.ts';

interface ImportOptions extends ImportWatch { name?: string | undefined; source?: Model['source'] }

export class ModelCatalog {
  readonly #store: Store;
  readonly #engines: Engines;
  readonly #roots: Roots;
  readonly #gguf: GgufImport;
  constructor(store: Store, engines: Engines, roots: Roots) { this.#store = store; this.#engines = engines; this.#roots = roots; this.#gguf = new GgufImport(store, engines); }

  async exists(path: string): Promise<boolean> { return stat(path).then(() => true, () => false); }

  async inspect(path: string, signal?: AbortSignal): Promise<ModelPreview> {
    const folder = await this.#folder(path);
    return this.#engines.use('data', (api) => api.model.inspect({ folder }, { signal }));
  }

  /** The same folder, or the same file, with the same weights gives the same record. */
  async import(path: string, options: ImportOptions = {}): Promise<Model> {
    return isGgufPath(path) ? this.#importGguf(path, options) : this.#register(path, options);
  }

  async #register(path: string, options: ImportOptions): Promise<Model> {
    const preview = await this.inspect(path, options.signal);
    if (!preview.supported) throw new AnnealError('model-family-unknown', `The model type "${preview.family}" is not one that Anneal can train: see the list of families in the README.`, { family: preview.family });
    const { models } = this.#store;
    const known = models.list().find((m) => m.path === preview.path);
    if (known && known.weight_hash === preview.weight_hash) return options.name === undefined || options.name === known.name ? known : models.change(known.id, { name: this.#name(options.name) });
    return models.put(recordOf(preview, newId('mdl'), this.#name(options.name ?? (basename(preview.path) || 'model')), options.source ?? 'imported'));
  }

  async #importGguf(path: string, options: ImportOptions): Promise<Model> {
    const { path: file, weight_hash } = await this.inspect(path, options.signal);
    const known = this.#store.models.list().find((m) => m.origin?.file === file && m.origin.weight_hash === weight_hash && existsSync(join(m.path, 'config.json')));
    if (known) return options.name === undefined || options.name === known.name ? known : this.rename(known.id, options.name);
    return this.#gguf.run(file, options, async (folder, notes) => {
      const model = await this.#register(folder, { ...options, name: options.name ?? basename(file).replace(/\.gguf$/i, '') });
      return this.#store.models.change(model.id, { origin: { file, weight_hash, notes } });
    });
  }

  /** After its record is gone: deletes what Anneal made itself. Files of the person stay. */
  async discard(model: Model): Promise<void> { await this.#gguf.discard(model.path); }

  /** Where the files of a known model are. Throws `file-not-found` when they are gone. */
  async folderOf(id: string): Promise<string> {
    const model = this.#store.models.get(id);
    if (!(await this.exists(model.path))) throw new AnnealError('file-not-found', `The files of "${model.name}" are gone: put them back, or import the model from where they are now.`, { model: model.name });
    return model.path;
  }

  rename(id: string, name: string): Model { return this.#store.models.change(id, { name: this.#name(name, id) }); }

  /** Says which folders are gone. */
  async refresh(): Promise<Model[]> {
    for (const m of this.#store.models.list()) await this.#look(m);
    return this.#store.models.list();
  }

  /** What the files of a known model say now; if they are gone, its record says so from now on. */
  async describe(id: string): Promise<ModelPreview> {
    const model = this.#store.models.get(id);
    await this.#look(model);
    return this.inspect(model.path);
  }

  async #look(m: Model): Promise<void> {
    const missing = !(await this.exists(join(m.path, 'config.json'))) || lacksGguf(m.path, m.origin);
    if (missing !== m.missing && this.#store.models.find(m.id)) this.#store.models.change(m.id, { missing });
  }

  #name(name: string, except?: string): string { return unusedName(name, this.#store.models.list().filter((m) => m.id !== except)); }

  async #folder(path: string): Promise<string> {
    const folder = await this.#roots.check(path);
    if (!(await stat(folder)).isDirectory() && !isGgufPath(folder)) throw new AnnealError('model-config-invalid', `"${basename(path)}" is a file: give the folder that holds config.json, or a .gguf file.`);
    return folder;
  }
}

export function recordOf(p: ModelPreview, id: string, name: string, source: Model['source']): Model {
  return {
    id, name, source, path: p.path, family: p.family, parameters: p.parameters, dtype: p.dtype, context: p.context, vocab_size: p.vocab_size, layers: p.layers, hidden_size: p.hidden_size, tied: p.tied,
    bytes: p.bytes, shards: p.shards, weight_hash: p.weight_hash, license: p.license, has_template: p.template !== null, template: p.template, ...(p.sampling === undefined ? {} : { sampling: p.sampling }), created_at: Date.now(), missing: false, ...(p.kind === undefined ? {} : { kind: p.kind }),
  };
}
