/** The settings in which recipes differ, as dotted paths with one value a recipe. Pure. */

export interface Difference { path: string; values: (string | null)[] }
/** A name is no setting. */
const IGNORED = new Set(['name']);

export function recipeDifferences(recipes: readonly object[]): Difference[] {
  const flat = recipes.map((r) => new Map(leaves(r, '')));
  const paths = [...new Set(flat.flatMap((m) => [...m.keys()]))].filter((p) => !IGNORED.has(p));
  return paths.flatMap((path) => {
    const values = flat.map((m) => m.get(path) ?? null);
    return new Set(values).size > 1 ? [{ path, values }] : [];
  });
}

function leaves(value: unknown, at: string): [string, string][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value).flatMap(([k, v]) => leaves(v, at === '' ? k : `${at}.${k}`));
  return value === undefined ? [] : [[at, typeof value === 'string' ? value : JSON.stringify(value)]];
}
