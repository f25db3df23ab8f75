/** A batch that the planner splits. */

/** Parts of at most `rows` rows, in order. */
export function partsOf(batch: readonly number[], rows: number): number[][] {
  return Array.from({ length: Math.ceil(batch.length / rows) }, (_, i) => batch.slice(i * rows, (i + 1) * rows));
}
