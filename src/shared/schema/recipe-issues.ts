/** What is wrong with a recipe, in words: where, what, and the key that was probably meant. Pure; the same list serves the wizard and the command line. */
import { z } from 'zod';
import { METHOD_IDS } from '../methods/index.ts';
import { recipe } from './recipe.ts';
import { recipeConflicts } from './recipe-conflicts.ts';
import type { Recipe, RecipeIssue } from './recipe.ts';

export type RecipeCheck = { recipe: Recipe; issues: [] } | { recipe: null; issues: RecipeIssue[] };

export function checkRecipe(draft: unknown): RecipeCheck {
  const parsed = recipe.safeParse(draft);
  if (parsed.success) {
    const issues = recipeConflicts(parsed.data);
    return issues.length > 0 ? { recipe: null, issues } : { recipe: parsed.data, issues: [] };
  }
  return { recipe: null, issues: parsed.error.issues.flatMap((issue) => issuesOf(issue, draft)) };
}

type Issue = z.core.$ZodIssue;

function issuesOf(issue: Issue, draft: unknown): RecipeIssue[] {
  const path = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined), draft);
  switch (issue.code) {
    case 'unrecognized_keys': return issue.keys.map((key) => unknownKey(issue.path, key));
    case 'invalid_union': {
      // A union that is told apart by a key: the key has an unknown value.
      if (issue.errors.length === 0 && path === 'method') return issuesOf({ code: 'invalid_value', path: issue.path, values: [...METHOD_IDS], message: issue.message } as Issue, draft);
      // Of the alternatives, the one with the fewest complaints is what the person meant.
      const best = issue.errors.toSorted((a, b) => distance(a) - distance(b))[0];
      if (best && best.length > 0 && !best.every((e) => e.path.length === 0 && e.code !== 'unrecognized_keys')) return best.flatMap((e) => issuesOf({ ...e, path: [...issue.path, ...e.path] } as Issue, draft));
      return [{ path, message: `${at(path)} is ${words(value)}, which is not allowed here.` }];
    }
    case 'invalid_type':
      if (value === undefined) return [{ path, message: `${at(path)} is missing.` }];
      return [{ path, message: `${at(path)} must be ${typeWords(issue.expected)}, not ${words(value)}.` }];
    case 'invalid_value': {
      const options = issue.values.map(String), nearest = typeof value === 'string' ? nearestName(value, options) : undefined;
      return [{ path, message: `${at(path)} is ${words(value)}; it can be ${options.join(', ')}.${didYouMean(nearest)}`, ...(nearest === undefined ? {} : { nearest }) }];
    }
    case 'too_small': return [{ path, message: issue.origin === 'string' ? `${at(path)} is empty.` : issue.origin === 'array' ? `${at(path)} needs at least ${issue.minimum} entries.` : `${at(path)} is ${words(value)}; it must be ${issue.inclusive === true ? 'at least' : 'greater than'} ${issue.minimum}.` }];
    case 'too_big': return [{ path, message: issue.origin === 'string' ? `${at(path)} is longer than ${issue.maximum} characters.` : issue.origin === 'array' ? `${at(path)} has more than ${issue.maximum} entries.` : `${at(path)} is ${words(value)}; it must be ${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}.` }];
    default: return [{ path, message: `${at(path)}: ${issue.message}.` }];
  }
}

/** A complaint about the whole value (a string where a table stands) weighs more than complaints inside it. */
const distance = (issues: readonly Issue[]): number => issues.reduce((n, e) => n + (e.path.length === 0 && e.code !== 'unrecognized_keys' ? 100 : 1), 0);
const at = (path: string): string => (path === '' ? 'The recipe' : path);
const didYouMean = (name: string | undefined): string => (name === undefined ? '' : ` Did you mean ${name}?`);

function unknownKey(path: readonly PropertyKey[], key: string): RecipeIssue {
  const full = [...path.map(String), key].join('.');
  const here = nearestName(key, keysAt(path.map(String)));
  if (here !== undefined) {
    const nearest = [...path.map(String), here].join('.');
    return { path: full, message: `${full} is not a key of a recipe.${didYouMean(nearest)}`, nearest };
  }
  // A key of another section, such as learning_rate at the top.
  const elsewhere = allKeys().find((k) => k.split('.').at(-1) === key) ?? nearestName(full, allKeys());
  return { path: full, message: `${full} is not a key of a recipe.${didYouMean(elsewhere)}`, ...(elsewhere === undefined ? {} : { nearest: elsewhere }) };
}

function keysAt(path: readonly string[]): string[] {
  const prefix = path.length === 0 ? '' : `${path.join('.')}.`;
  return [...new Set(allKeys().filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length).split('.')[0] ?? ''))];
}

let known: string[] | undefined;
/** Every key of a recipe with its path: `train.learning_rate`. */
export function allKeys(): string[] {
  return known ??= keysOf(recipe, '');
}
function keysOf(schema: z.core.$ZodType, prefix: string): string[] {
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape as Record<string, z.core.$ZodType>).flatMap(([key, inner]) => [`${prefix}${key}`, ...keysOf(inner, `${prefix}${key}.`)]);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysOf(option, prefix));
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return keysOf(schema.unwrap(), prefix);
  return [];
}

/** The candidate that is a few letters away, or none. Case and `-` for `_` count as nothing. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const plain = (s: string): string => s.toLowerCase().replaceAll('-', '_');
  let best: string | undefined, least = Infinity;
  for (const candidate of candidates) {
    const d = editDistance(plain(name), plain(candidate)) / Math.max(name.length, candidate.length);
    if (d < least) { least = d; best = candidate; }
  }
  return least <= 0.4 ? best : undefined;
}

/** Levenshtein's distance with swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (before[j - 2] ?? 0) + 1);
      row.push(d);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

function typeWords(expected: string): string {
  const names: Record<string, string> = { number: 'a number', int: 'a whole number', string: 'text', boolean: 'true or false', object: 'a table of keys', record: 'a table of keys', array: 'a list', nan: 'a number' };
  return names[expected] ?? expected;
}
function words(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a table of keys';
  const text = JSON.stringify(value) ?? '';
  return typeof value === 'string' ? `the text ${text.length > 60 ? `${text.slice(0, 57)}..."` : text}` : text;
}
