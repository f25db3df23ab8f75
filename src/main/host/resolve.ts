/** From a recipe to the records it speaks of. Names and ids are looked up; a folder or a file that is not known yet is imported on the way, and taken back when the recipe as a whole is refused. */
import { AnnealError } from '../../shared/errors.ts';
import type { Checkpoint, Dataset, Model } from '../../shared/schema/entities.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import { checkRecipe, nearestName } from '../../shared/schema/recipe-issues.ts';
import { checkTemplateChoice } from '../data/templates/builtin.ts';
import type { Store } from '../store/open.ts';
import { METHODS } from '../../shared/methods/index.ts';
import type { RowKind } from '../../shared/methods/method.ts';
import type { DatasetCatalog } from './dataset-catalog.ts';
import { refuseRewardModel } from './reward/reward-models.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { namedReference } from './reference-model.ts';

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
    if (recipe.chat_template !== undefined) checkTemplateChoice(recipe.chat_template);
    const checkpoint = recipe.checkpoint === undefined ? null : this.checkpoint(recipe.checkpoint);
    const models = idsOf(this.#store.models.list()), datasets = idsOf(this.#store.datasets.list());
    try {
      const model = await this.model(recipe.model);
      const how = { format: recipe.data.format, columns: recipe.data.columns };
      const train = await this.dataset(recipe.data.train, how);
      const evaluation = recipe.data.eval === undefined ? null : await this.dataset(recipe.data.eval, how);
      if (checkpoint && checkpoint.model_id !== model.id) throw new AnnealError('recipe-value', `checkpoint: "${recipe.checkpoint ?? ''}" belongs to another model than "${model.name}".`, { path: 'checkpoint' });
      for (const dataset of [train, evaluation]) if (dataset) refuseKind(recipe, dataset, dataset === train ? 'data.train' : 'data.eval');
      const reference = await this.#reference(recipe, model);
      if (recipe.method !== 'reward') refuseRewardModel(this.#store, model, checkpoint, `to train with ${recipe.method}`);
      if (recipe.chat_template === undefined && !model.has_template) for (const dataset of [train, evaluation]) if (dataset) await this.#refuseConversations(model, dataset);
      const named = reference === null ? recipe : { ...recipe, train: { ...recipe.train, ref_model: reference } } as Recipe;
      return { recipe: checkpoint ? { ...named, checkpoint: checkpoint.id } : named, model, train, evaluation, checkpoint };
    } catch (e) {
      await this.#takeBack(models, datasets);
      throw e;
    }
  }

  /** The id of the model or checkpoint that `train.ref_model` names; null where the start of the run is the reference. Throws `recipe-value` for another vocabulary. */
  async #reference(recipe: Recipe, policy: Model): Promise<string | null> {
    const ref = namedReference(recipe);
    if (ref === null) return null;
    const known = this.#store.models.find(ref) ?? byName(this.#store.models.list(), ref);
    const checkpoint = known ? undefined : this.#store.checkpoints.list().some((c) => c.id === ref || `${c.run_name}@${c.step}` === ref) ? this.checkpoint(ref) : undefined;
    const model = known ?? (checkpoint ? this.#store.models.get(checkpoint.model_id) : await this.model(ref));
    if (model.vocab_size !== policy.vocab_size) throw new AnnealError('recipe-value', `train.ref_model: "${model.name}" has a vocabulary of ${model.vocab_size} tokens and "${policy.name}" one of ${policy.vocab_size}, so their log-probabilities cannot be compared; choose a reference of the same family.`, { path: 'train.ref_model' });
    return checkpoint?.id ?? model.id;
  }

  /** Known before a run is made of it: the engine would refuse the first row. */
  async #refuseConversations(model: Model, dataset: Dataset): Promise<void> {
    if (!(await this.#datasets.hasConversations(dataset))) return;
    throw new AnnealError('template-missing', `The model "${model.name}" has no usable chat template, so the conversations of "${dataset.name}" cannot be rendered: set "chat_template: chatml" in the recipe, or train on prompt and completion text.`, { model: model.name, dataset: dataset.name });
  }

  /** Removes what was imported since, unless a run has come to use it. */
  async #takeBack(models: ReadonlySet<string>, datasets: ReadonlySet<string>): Promise<void> {
    const runs = this.#store.runs.list();
    for (const { id } of this.#store.models.list()) if (!models.has(id) && !runs.some((r) => r.model_id === id)) this.#store.models.remove(id);
    for (const { id } of this.#store.datasets.list()) if (!datasets.has(id) && !runs.some((r) => r.train_dataset_id === id || r.eval_dataset_id === id)) await this.#datasets.remove(id);
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

/** Row kinds as a sentence names them. */
const KINDS: Record<RowKind, string> = {
  messages: 'conversations', 'prompt-completion': 'prompts with completions', text: 'plain text', preference: 'pairs (prompt, chosen, rejected)', 'unpaired-preference': 'labelled answers (prompt, completion, label)', prompt: 'prompts',
};

function refuseKind({ method }: Recipe, dataset: Dataset, path: string): void {
  const { rows } = METHODS[method];
  if (rows.includes(dataset.kind)) return;
  throw new AnnealError('recipe-value', `${path}: "${dataset.name}" holds ${KINDS[dataset.kind]}, but ${method} needs ${rows.map((kind) => KINDS[kind]).join(' or ')}; choose other data or another method.`, { path });
}

const idsOf = (records: readonly { id: string }[]): Set<string> => new Set(records.map((r) => r.id));

/** The newest of that name. */
function byName<T extends { name: string }>(records: readonly T[], name: string): T | undefined {
  return records.findLast((r) => r.name === name);
}

function notFound(noun: string, ref: string, names: readonly string[], wanted: string): AnnealError {
  const nearest = nearestName(ref, names);
  return new AnnealError('not-found', `There is no ${noun} "${ref.length > 100 ? `...${ref.slice(-97)}` : ref}": give ${wanted}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`, { ref: ref.slice(-100) });
}
