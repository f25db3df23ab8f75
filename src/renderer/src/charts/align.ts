/** Lines with their own x values, joined into the one x column that uPlot wants. `undefined` marks "no point here" (bridged), null a real gap. */
import type { ChartLine } from './chart-line.ts';

export type Column = (number | null | undefined)[];

/** Sorted union of all x values, and per line the index of its point at each of them (-1: none). When two points share an x, the later one wins. */
export function unionX(lines: readonly Pick<ChartLine, 'x'>[]): { x: number[]; rows: Int32Array[] } {
  const all = new Set<number>();
  for (const line of lines) for (const v of line.x) if (Number.isFinite(v)) all.add(v);
  const x = [...all].sort((a, b) => a - b);
  const place = new Map(x.map((v, i) => [v, i]));
  const rows = lines.map((line) => {
    const row = new Int32Array(x.length).fill(-1);
    line.x.forEach((v, i) => { const p = place.get(v); if (p !== undefined) row[p] = i; });
    return row;
  });
  return { x, rows };
}

export function columnOf(row: Int32Array, values: readonly (number | null)[], log: boolean): Column {
  return Array.from(row, (i) => {
    if (i < 0) return undefined;
    const v = values[i];
    return v === null || v === undefined || !Number.isFinite(v) || (log && v <= 0) ? null : v;
  });
}
