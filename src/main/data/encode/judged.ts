/** Pairs as labelled answers, and the mismatched answers that KTO measures its baseline on (spec/alignment.md 6). */
import type { CanonicalRow } from '../../../shared/formats.ts';
import type { EncodedAnswer } from './answers.ts';

/** TRL takes pairs apart in blocks of so many rows: first the chosen answers, then the rejected ones, so that neighbours answer different prompts. */
const BLOCK = 1000;

export interface SourcedRow { row: CanonicalRow; /** Index in the dataset. */ source: number }

/** Pairs become a good and a bad answer; labelled answers stay as they are. */
export async function* labelledRows(rows: Iterable<CanonicalRow> | AsyncIterable<CanonicalRow>): AsyncGenerator<SourcedRow> {
  let good: SourcedRow[] = [], bad: SourcedRow[] = [];
  let source = 0;
  for await (const row of rows) {
    if (row.kind === 'preference') {
      const { kind: _, chosen, rejected, margin: _m, ...rest } = row;
      good.push({ row: { ...rest, kind: 'unpaired-preference', completion: chosen, label: true }, source });
      bad.push({ row: { ...rest, kind: 'unpaired-preference', completion: rejected, label: false }, source });
      if (good.length === BLOCK) { yield* good; yield* bad; good = []; bad = []; }
    } else yield { row, source };
    source++;
  }
  yield* good;
  yield* bad;
}

/**
 * For each answer, its prompt with the answer of the next row in its block of `block` consecutive rows (the last of a block takes the first's). A last block of one row takes the answer before it, where TRL takes its own.
 * `own`: TRL's way for that row. Throws RangeError for blocks of one.
 */
export function mismatchedAnswers(answers: readonly EncodedAnswer[], block: number, maxLength: number, { own = false }: { own?: boolean } = {}): EncodedAnswer[] {
  if (block < 2) throw new RangeError('a mismatched answer needs a block of at least two rows');
  return answers.map((answer, i) => {
    const start = Math.floor(i / block) * block, end = Math.min(start + block, answers.length);
    const partner = end - start === 1 && !own && i > 0 ? i - 1 : start + ((i - start + 1) % (end - start));
    const other = answers[partner]!;
    const ids = [...answer.ids.subarray(0, answer.prompt), ...other.ids.subarray(other.prompt)];
    return { ids: Int32Array.from(ids.slice(0, maxLength)), prompt: answer.prompt, total: ids.length, hasStop: other.hasStop, warnings: [] };
  });
}
