/** A recipe as the command line takes it: a YAML file, changed by --set, its relative paths counted from its own folder. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parse } from 'yaml';
import { AnnealError } from '../../shared/errors.ts';
import { parseRecipe } from '../host/recipe-file.ts';
import { pairs } from './parse.ts';

type Table = Record<string, unknown>;

export function readRecipe(path: string, sets: readonly string[]): Table {
  const file = resolve(path);
  let text: string;
  try { text = readFileSync(file, 'utf8'); } catch (e) { throw new AnnealError('file-not-found', `The recipe "${path}" cannot be read: is the path right?`, {}, { cause: e }); }
  const recipe = parseRecipe(text);
  if (!isTable(recipe)) throw new AnnealError('recipe-syntax', `The recipe "${path}" must be a table of keys, such as "method: sft".`);
  const changed = new Set<string>();
  for (const [key, value] of pairs(sets, 'set')) { setPath(recipe, key.split('.'), setValue(key, value)); changed.add(key); }
  for (const key of ['model', 'data.train', 'data.eval', 'checkpoint']) resolveAt(recipe, key.split('.'), changed.has(key) ? [process.cwd(), dirname(file)] : [dirname(file)]);
  return recipe;
}

function setValue(key: string, text: string): unknown {
  try { return text === '' ? '' : parse(text) as unknown; } catch (e) { throw new AnnealError('recipe-syntax', `--set ${key}: "${text}" is not a valid value.`, {}, { cause: e }); }
}

function setPath(table: Table, [first = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) { table[first] = value; return; }
  const inner = table[first];
  const next: Table = isTable(inner) ? inner : {};
  table[first] = next;
  setPath(next, rest, value);
}

/** A path that exists becomes absolute; anything else is an id or a name, and the host's to find. */
function resolveAt(table: Table, [first = '', ...rest]: string[], folders: readonly string[]): void {
  const value = table[first];
  if (rest.length > 0) { if (isTable(value)) resolveAt(value, rest, folders); return; }
  if (typeof value !== 'string' || value === '' || isAbsolute(value)) return;
  const found = folders.map((folder) => resolve(folder, value)).find((path) => existsSync(path));
  if (found !== undefined) table[first] = found;
}

const isTable = (x: unknown): x is Table => typeof x === 'object' && x !== null && !Array.isArray(x);
