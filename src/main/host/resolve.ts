/** From a recipe to the records it speaks of. Names and ids are looked up; a folder or a file that is not known yet is imported on the way. */
import { AnnealError } from '../../shared/errors.ts';
import type { Checkpoint, Dataset, Model } from '../../shared/schema/entities.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import { checkRecipe, nearestName } from '../../shared/schema/recipe-issues.ts';
import type { Store } from '../store/open.ts';
import type { DatasetCatalog } from './dataset-catalog.ts';
import type { ModelCatalog } from './model-catalog.ts';

export interface Resolved { recipe: Recipe; model: Model; train: Dataset; evaluation: Dataset | null; checkpoint: Checkpoint | null }

export class Resolver {
  readonly #store: Store;
  readonly #models: ModelCatalog;
  readonly #datasets: DatasetCatalog;
  constructor(store: Store, models: ModelCatalog, datasets: DatasetCatalog) { this.#store = store; this.#models = models; this.#datasets = datasets; }

  async recipe(draft: unknown): Promise<Resolved> {
    const { recipe, issues } = checkRecipe(draft);
    const first = issues[0];
    if (!recipe) throw new AnnealError(first?.message.includes('is not a key') === true ? 'recipe-key-unknown' : 'recipe-value', first?.message ?? 'The recipe is not valid.', { path: first?.path ?? '', ...(first?.nearest === undefined ? {} : { nearest: first.nearest }) });
    const model = await this.model(recipe.model);
    const how = { format: recipe.data.format, columns: recipe.data.columns };
    const train = await this.dataset(recipe.data.train, how);
    const evaluation = recipe.data.eval === undefined ? null : await this.dataset(recipe.data.eval, how);
    const checkpoint = recipe.checkpoint === undefined ? null : this.checkpoint(recipe.checkpoint);
    if (checkpoint && checkpoint.model_id !== model.id) throw new AnnealError('recipe-value', `checkpoint: "${recipe.checkpoint ?? ''}" belongs to another model than "${model.name}".`, { path: 'checkpoint' });
    return { recipe: checkpoint ? { ...recipe, checkpoint: checkpoint.id } : recipe, model, train, evaluation, checkpoint };
  }

  async model(ref: string): Promise<Model> {
    const known = this.#store.models.find(ref) ?? byName(this.#store.models.list(), ref);
    if (known) return known;
    if (!(await this.#models.exists(ref))) throw notFound('model', ref, this.#store.models.list().map((m) => m.name), 'an id, a name (see "model list") or a folder with a config.json');
    return this.#models.import(ref);
  }

  async dataset(ref: string, how: { format?: string | undefined; columns?: Record<string, string> | undefined } = {}): Promise<Dataset> {
    const known = this.#store.datasets.find(ref) ?? byName(this.#store.datasets.list(), ref);
    if (known) return known;
    if (!(await this.#datasets.exists(ref))) throw notFound('dataset', ref, this.#store.datasets.list().map((d) => d.name), 'an id, a name (see "data list") or a file');
    return this.#datasets.import(ref, how);
  }

  /** An id, or `run-name@step`; `run-name` alone means its last checkpoint. */
  checkpoint(ref: string): Checkpoint {
    const all = this.#store.checkpoints.list();
    const at = ref.lastIndexOf('@'), name = at < 0 ? ref : ref.slice(0, at), step = at < 0 ? undefined : Number(ref.slice(at + 1));
    const found = all.find((c) => c.id === ref) ?? all.filter((c) => (c.run_name === name || c.run_id === name) && (step === undefined || c.step === step)).toSorted((a, b) => a.step - b.step).at(-1)
      ?? all.find((c) => c.path === ref);
    if (!found) throw notFound('checkpoint', ref, all.map((c) => `${c.run_name}@${c.step}`), 'an id or run-name@step');
    return found;
  }

  /** An id, a name, or the beginning of an id. */
  run(ref: string): string {
    const runs = this.#store.runs.list();
    const found = runs.find((r) => r.id === ref) ?? byName(runs, ref) ?? (ref === 'latest' ? runs.at(-1) : undefined);
    if (!found) throw notFound('run', ref, runs.flatMap((r) => [r.id, r.name]), 'an id or a name (see "runs")');
    return found.id;
  }
}

/** The newest of that name. */
function byName<T extends { name: string }>(records: readonly T[], name: string): T | undefined {
  return records.findLast((r) => r.name === name);
}

function notFound(noun: string, ref: string, names: readonly string[], wanted: string): AnnealError {
  const nearest = nearestName(ref, names);
  return new AnnealError('not-found', `There is no ${noun} "${ref.length > 100 ? `...${ref.slice(-97)}` : ref}": give ${wanted}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`, { ref: ref.slice(-100) });
}
