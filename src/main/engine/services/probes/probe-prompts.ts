/** Which prompts are probed when a recipe has no sample prompts: the first different prompts of the held-out rows, without those of the training rows. They stay the same for the whole run. */
import { isExample, type TrainRow } from '../../methods/example-row.ts';

export function probePrompts(evalRows: readonly TrainRow[], rows: readonly TrainRow[], count: number): number[][] {
  const found = new Map<string, number[]>();
  for (const row of evalRows.length > 0 ? evalRows : rows) {
    if (found.size >= count) break;
    const first = isExample(row) ? row.completions[0] : undefined;
    if (first === undefined || first.prompt === 0) continue;
    const ids = Array.from({ length: first.prompt }, (_, i) => first.ids[i]!);
    found.set(ids.join(' '), ids);
  }
  return [...found.values()];
}
