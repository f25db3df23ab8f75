/** Registers the model and the data that ship with Anneal. They are read once a version; starting again costs a look at the files. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';
import type { Dataset, Model } from '../../shared/schema/entities.ts';
import type { Store } from '../store/open.ts';
import type { DatasetCatalog } from './dataset-catalog.ts';
import type { HostLog } from './log.ts';
import type { ModelCatalog } from './model-catalog.ts';

export const DEMO_MODEL = 'anneal-demo-base';
const DATASETS = [
  { name: 'anneal-demo-train', file: 'instruct-train.jsonl' }, { name: 'anneal-demo-dev', file: 'instruct-dev.jsonl' }, { name: 'anneal-demo-heldout', file: 'instruct-heldout.jsonl' },
  { name: 'anneal-demo-preferences', file: 'preference-train.jsonl' }, { name: 'anneal-demo-preferences-dev', file: 'preference-dev.jsonl' }, { name: 'anneal-demo-preferences-heldout', file: 'preference-heldout.jsonl' },
] as const;

export class Embedded {
  /** Settles when registration has ended, well or not. */
  readonly ready: Promise<void>;
  readonly #store: Store;
  readonly #folder: string | null;

  constructor(store: Store, resources: string | null, models: ModelCatalog, datasets: DatasetCatalog, log: HostLog) {
    this.#store = store;
    this.#folder = resources === null ? null : join(resources, 'demo');
    this.ready = this.#register(models, datasets).catch((e: unknown) => { log.error('the embedded model and data', e); });
  }

  get recipeFile(): string | null { return this.#file('recipe.yaml'); }

  #file(name: string): string | null {
    const file = this.#folder === null ? null : join(this.#folder, name);
    return file !== null && existsSync(file) ? file : null;
  }

  /** `alignment`: the pairs and the recipe of the second part; null where this installation has none. */
  async demo(): Promise<{ model: Model; train: Dataset; heldout: Dataset; recipe: string; alignment: { heldout: Dataset; recipe: string } | null }> {
    await this.ready;
    const model = this.#store.models.list().find((m) => m.source === 'embedded'), named = (name: string): Dataset | undefined => this.#store.datasets.list().find((d) => d.source === 'embedded' && d.name === name);
    const train = named(DATASETS[0].name), heldout = named(DATASETS[2].name), recipe = this.recipeFile;
    if (!model || !train || !heldout || recipe === null) throw new AnnealError('unavailable', 'The embedded model or its data is missing from this installation: install Anneal again.');
    const pairs = named(DATASETS[5].name), second = this.#file('dpo-recipe.yaml');
    return { model, train, heldout, recipe, alignment: pairs && second !== null ? { heldout: pairs, recipe: second } : null };
  }

  async #register(models: ModelCatalog, datasets: DatasetCatalog): Promise<void> {
    if (this.#folder === null) return;
    const modelFolder = join(this.#folder, 'model');
    if (existsSync(join(modelFolder, 'model.safetensors'))) {
      const known = this.#store.models.list().find((m) => m.source === 'embedded');
      if (!known || known.path !== modelFolder || (await newest(modelFolder)) > known.created_at) {
        const fresh = await models.import(modelFolder, { name: DEMO_MODEL, source: 'embedded' });
        // An older form of it stays only for the runs that were made from it.
        if (known && known.id !== fresh.id && !this.#store.runs.list().some((r) => r.model_id === known.id)) this.#store.models.remove(known.id);
        else if (known && known.id !== fresh.id) this.#store.models.change(known.id, { source: 'imported' });
        else if (known) this.#store.models.change(known.id, { created_at: Date.now() });
      }
    }
    for (const { name, file } of DATASETS) {
      const path = join(this.#folder, 'data', file);
      if (!existsSync(path)) continue;
      const known = this.#store.datasets.list().find((d) => d.source === 'embedded' && d.name === name);
      if (known && existsSync(known.dir) && (await stat(path)).mtimeMs <= known.created_at) continue;
      const fresh = await datasets.import(path, { name: known ? `${name} (new)` : name, source: 'embedded' });
      if (known && known.id !== fresh.id) await this.#replace(datasets, known, fresh, name);
    }
  }

  /** The new form takes the name; the old one stays only where runs were made from it. */
  async #replace(datasets: DatasetCatalog, old: Dataset, fresh: Dataset, name: string): Promise<void> {
    if (old.version === fresh.version) { this.#store.datasets.remove(fresh.id); this.#store.datasets.change(old.id, { dir: fresh.dir, created_at: Date.now() }); return; }
    if (this.#store.runs.list().some((r) => r.train_dataset_id === old.id || r.eval_dataset_id === old.id)) this.#store.datasets.change(old.id, { source: 'imported', name: `${name} (before ${new Date().toISOString().slice(0, 10)})` });
    else await datasets.remove(old.id);
    this.#store.datasets.change(fresh.id, { name });
  }
}

async function newest(folder: string): Promise<number> {
  const times = await Promise.all(['config.json', 'model.safetensors', 'tokenizer.json'].map(async (f) => (await stat(join(folder, f))).mtimeMs));
  return Math.max(...times);
}
