/** Recipes as YAML text, with names for people where a name is enough. Comments are for people and are not kept. */
import { parseDocument, stringify } from 'yaml';
import { AnnealError } from '../../shared/errors.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';
import type { Store } from '../store/open.ts';
import { namedReference } from './reference-model.ts';

/** Throws `recipe-syntax` that names the line. */
export function parseRecipe(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const error = document.errors[0];
  if (error) {
    const line = error.linePos?.[0].line;
    throw new AnnealError('recipe-syntax', `The recipe is not valid YAML${line === undefined ? '' : ` at line ${line}`}: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}.`, line === undefined ? {} : { line });
  }
  // Aliases that multiply are a way to fill memory.
  return document.toJS({ maxAliasCount: 100 }) as unknown;
}

export function writeRecipe(recipe: Recipe): string { return stringify(recipe, { lineWidth: 120 }); }

/** The same recipe with names instead of ids, wherever the name leads to the same record. */
export function withNames(recipe: Recipe, { models, datasets, checkpoints }: Pick<Store, 'models' | 'datasets' | 'checkpoints'>): Recipe {
  const data = { ...recipe.data, train: nameOf(datasets.list(), recipe.data.train, (d) => d.name), ...(recipe.data.eval === undefined ? {} : { eval: nameOf(datasets.list(), recipe.data.eval, (d) => d.name) }) };
  const checkpoint = recipe.checkpoint === undefined ? {} : { checkpoint: nameOf(checkpoints.list(), recipe.checkpoint, (c) => `${c.run_name}@${c.step}`) };
  const reference = namedReference(recipe);
  const named = reference === null ? null : nameOf(checkpoints.list(), nameOf(models.list(), reference, (m) => m.name), (c) => `${c.run_name}@${c.step}`);
  return { ...recipe, model: nameOf(models.list(), recipe.model, (m) => m.name), ...checkpoint, data, ...(named === null ? {} : { train: { ...recipe.train, ref_model: named } }) } as Recipe;
}

function nameOf<T extends { id: string }>(records: readonly T[], ref: string, name: (record: T) => string): string {
  const record = records.find((r) => r.id === ref);
  return record && records.filter((r) => name(r) === name(record) || r.id === name(record)).length === 1 ? name(record) : ref;
}
