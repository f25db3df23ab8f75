/** Names are how people and recipes refer to records, so no two of a kind share one: "name", then "name 2". A file's name may be longer than a name can be. */
const MOST = 110;
export function unusedName(long: string, taken: readonly { name: string }[]): string {
  const wanted = long.length > 120 ? long.slice(0, MOST) : long, names = new Set(taken.map((t) => t.name));
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted} ${n}`;
  return name;
}
