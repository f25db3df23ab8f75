/** Recipes as YAML text. Comments are for people and are not kept. */
import { parseDocument, stringify } from 'yaml';
import { AnnealError } from '../../shared/errors.ts';
import type { Recipe } from '../../shared/schema/recipe.ts';

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
