/** Static row lengths: each batch runs in the smallest bucket that holds its longest row. Few buckets, because each one is a compiled session; they are placed where they save the most padding, and one more has to be worth its session. */

export interface Bucket { length: number; /** Slots for loss rows of a whole batch. */ losses: number; /** Slots for examples with completions of a whole batch. */ examples: number }
export interface RowSize { tokens: number; losses: number; examples: number }

const GRAIN = 16;
/** Share of all slots that one more bucket has to save: it costs a session, its memory and the time to make it. */
const WORTH = 0.03;
const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** At most `limit` buckets for batches of `batchSize` rows. `batches` is a sample of real batches (row indexes), e.g. of the first epoch. */
export function chooseBuckets(sizes: readonly RowSize[], batches: readonly (readonly number[])[], batchSize: number, limit: number): Bucket[] {
  const longest = sizes.reduce((n, s) => Math.max(n, s.tokens), 1);
  const lengths = batches.map((batch) => roundUp(batch.reduce((n, row) => Math.max(n, sizes[row]!.tokens), 1), GRAIN));
  const chosen = place([...lengths, roundUp(longest, GRAIN)], limit);
  return chosen.map((length) => {
    const fitting = sizes.filter((s) => s.tokens <= length);
    // The batch that needs most: its rows with the largest numbers.
    const most = (of: (s: RowSize) => number): number => fitting.map(of).sort((a, b) => b - a).slice(0, batchSize).reduce((a, b) => a + b, 0);
    return { length, losses: Math.min(batchSize * length, Math.max(GRAIN, roundUp(most((s) => s.losses), 64))), examples: most((s) => s.examples) };
  });
}

export function bucketFor(buckets: readonly Bucket[], longest: number): Bucket {
  const found = buckets.find((b) => b.length >= longest);
  if (found === undefined) throw new RangeError(`no bucket holds a row of ${longest} tokens`);
  return found;
}

/** Exact choice: lengths that minimise the padded slots of all batches, the longest always among them (dynamic programming over distinct lengths). */
function place(lengths: readonly number[], limit: number): number[] {
  const counts = new Map<number, number>();
  for (const l of lengths) counts.set(l, (counts.get(l) ?? 0) + 1);
  const distinct = [...counts.keys()].sort((a, b) => a - b);
  const n = distinct.length;
  const before = [0];
  for (const l of distinct) before.push(before.at(-1)! + counts.get(l)!);
  // best[k][j]: least slots for the first j lengths with k buckets, the last bucket at length j - 1.
  let best: number[] = distinct.map((l, j) => l * before[j + 1]!);
  const cuts: number[][] = [distinct.map(() => -1)];
  for (let k = 2; k <= Math.min(limit, n); k++) {
    const next: number[] = [];
    const cut: number[] = [];
    for (let j = 0; j < n; j++) {
      let least = best[j]!;
      let at = cuts.at(-1)![j]!;
      for (let i = 0; i < j; i++) {
        const cost = best[i]! + distinct[j]! * (before[j + 1]! - before[i + 1]!);
        if (cost < least) {
          least = cost;
          at = i;
        }
      }
      next.push(least);
      cut.push(at);
    }
    if (best[n - 1]! - next[n - 1]! < WORTH * best[n - 1]!) break;
    best = next;
    cuts.push(cut);
  }
  const chosen: number[] = [];
  let j = n - 1;
  for (let k = cuts.length - 1; k >= 0 && j >= 0; k--) {
    chosen.unshift(distinct[j]!);
    j = cuts[k]![j]!;
  }
  return chosen;
}
