/**
 * Padding saved inside a micro-batch: its rows lie side by side in rows of L slots (isolated from each other, as packed documents are), each such row is one run of the compiled step, and the runs are added up.
 * Loss and gradient are those of padded rows, for every loss that is a sum over rows. L is chosen from the run's own batches; nothing but data and configuration decides, so a resumed run does the same.
 */

import type { BatchRow } from './batch.ts';
import type { Bucket, RowSize } from './buckets.ts';
import type { Segment } from './token-tree.ts';

export interface JoinPlan { bucket: Bucket; /** Runs of a micro-batch, on average. */ runs: number }
export interface JoinOptions {
  /** Rows of a micro-batch, and the buckets that they would be padded to. */
  batchRows: number; buckets: readonly Bucket[];
  hiddenSize: number;
  /** What a run costs beside its slots (gradients handed over, nodes started), in slots. */
  overhead: number;
}

const GRAIN = 16;
/** Longer rows than the longest example only up to here: products are efficient from about 512 rows on, and attention grows with the square. */
const LONGEST_JOIN = 1024;
/** Joined only when it saves this share of the cost. */
const WORTH = 0.05;
const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** Null where padding costs about as little. `batches`: a sample of real batches. */
export function planJoined(sizes: readonly RowSize[], batches: readonly (readonly number[])[], options: JoinOptions): JoinPlan | null {
  const { batchRows, buckets, hiddenSize, overhead } = options;
  if (batchRows < 2 || batches.length === 0) return null;
  // Causal attention costs about L / (7 d) of the linear layers.
  const cost = (length: number): number => length * (1 + length / (7 * hiddenSize));
  const padded = batches.reduce((n, rows) => n + batchRows * cost(bucketLength(buckets, sizes, rows)) + overhead, 0);
  const longest = roundUp(sizes.reduce((n, s) => Math.max(n, s.tokens), 1), GRAIN);
  const most = Math.min(batchRows * longest, Math.max(longest, LONGEST_JOIN));
  let best: { bucket: Bucket; runs: number; cost: number } | null = null;
  for (let length = longest; length <= most; length += Math.max(GRAIN, roundUp((most - longest) / 24, GRAIN))) {
    const bucket = bucketOf(sizes, length);
    const runs = batches.reduce((n, rows) => n + joinRows(sizes, rows, bucket).length, 0);
    const total = runs * (cost(length) + overhead);
    if (best === null || total < best.cost) best = { bucket, runs, cost: total };
  }
  return best !== null && best.cost < padded * (1 - WORTH) ? { bucket: best.bucket, runs: best.runs / batches.length } : null;
}

function bucketLength(buckets: readonly Bucket[], sizes: readonly RowSize[], rows: readonly number[]): number {
  const longest = rows.reduce((n, row) => Math.max(n, sizes[row]!.tokens), 1);
  return (buckets.find((b) => b.length >= longest) ?? buckets.at(-1)!).length;
}

/** Room for the loss rows and examples that L slots hold on average and a little more, and for those of any single row. */
function bucketOf(sizes: readonly RowSize[], length: number): Bucket {
  const tokens = sizes.reduce((n, s) => n + s.tokens, 0);
  const room = (of: (s: RowSize) => number, slack: number): number => Math.max(sizes.reduce((n, s) => Math.max(n, of(s)), 0), Math.ceil(((sizes.reduce((n, s) => n + of(s), 0) * length) / tokens) * slack));
  return { length, losses: Math.min(length, Math.max(GRAIN, roundUp(room((s) => s.losses, 1.1), 64))), examples: room((s) => s.examples, 1.5) };
}

/** The rows of a micro-batch in groups, each of which fits the bucket: largest first, each where it leaves the least room. */
export function joinRows(sizes: readonly RowSize[], rows: readonly number[], bucket: Bucket): number[][] {
  const groups: { rows: number[]; tokens: number; losses: number; examples: number }[] = [];
  for (const row of rows.toSorted((a, b) => sizes[b]!.tokens - sizes[a]!.tokens || a - b)) {
    const { tokens, losses, examples } = sizes[row]!;
    let found: (typeof groups)[number] | undefined;
    for (const group of groups) {
      if (group.tokens + tokens <= bucket.length && group.losses + losses <= bucket.losses && group.examples + examples <= bucket.examples && (found === undefined || group.tokens > found.tokens)) found = group;
    }
    if (found === undefined) groups.push(found = { rows: [], tokens: 0, losses: 0, examples: 0 });
    found.rows.push(row);
    found.tokens += tokens;
    found.losses += losses;
    found.examples += examples;
  }
  return groups.map((group) => group.rows);
}

/** Several rows as one. */
export function besideEachOther(rows: readonly BatchRow[]): BatchRow {
  const tree: Segment[] = [], columns: BatchRow['columns'][number][] = [];
  for (const row of rows) {
    const shift = tree.length, examples = columns.length;
    for (const s of row.tree) tree.push({ ...s, parent: s.parent < 0 ? -1 : s.parent + shift, ...(s.example === undefined ? {} : { example: s.example + examples }) });
    columns.push(...row.columns);
  }
  return { tree, columns };
}
