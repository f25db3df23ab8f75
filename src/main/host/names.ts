/** Names are how people and recipes refer to records, so no two of a kind share one: "name", then "name 2". */
export function unusedName(wanted: string, taken: readonly { name: string }[]): string {
  const names = new Set(taken.map((t) => t.name));
  let name = wanted;
  for (let n = 2; names.has(name); n++) name = `${wanted} ${n}`;
  return name;
}
