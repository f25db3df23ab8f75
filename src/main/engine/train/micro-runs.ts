/** A micro-batch as runs of the compiled step: one run of padded rows, several where the planner splits it, or runs of joined rows (joined-rows.ts). */

import { collate, type Batch, type BatchShape, type BatchWeights } from './batch.ts';
import { bucketFor } from './buckets.ts';
import { besideEachOther, joinRows } from './joined-rows.ts';
import { partsOf } from './plan/parts.ts';
import type { RunSetup } from './setup.ts';

/** `rows`: the fed rows in the run, in the order of the batch. */
export interface MicroRun { rows: readonly number[]; shape: BatchShape & { examples: number }; batch: Batch }

type Layout = Pick<RunSetup, 'data' | 'buckets' | 'batchRows' | 'joined'>;

/** The rows of each run: parts of a batch where not all of it is computed at a time, or rows that are joined. */
function groupsOf({ data, batchRows, joined }: Layout, rows: readonly number[]): (readonly number[])[] {
  if (joined !== null) return joinRows(data.sizes, rows, joined.bucket);
  return rows.length <= batchRows ? [rows] : partsOf(rows, batchRows);
}

function shapeFor({ data, buckets, batchRows, joined }: Layout, rows: readonly number[]): MicroRun['shape'] {
  return joined === null ? { rows: batchRows, ...bucketFor(buckets, Math.max(...rows.map((row) => data.sizes[row]!.tokens))) } : { rows: 1, ...joined.bucket };
}

/** The largest compiled step that a micro-batch needs, and how many times steps run. */
export function microShapes(setup: Layout, rows: readonly number[]): { shape: MicroRun['shape']; runs: number } {
  return { shape: shapeFor(setup, rows), runs: groupsOf(setup, rows).length };
}

export function microRuns(setup: Layout & Pick<RunSetup, 'method'>, rows: readonly number[], weights: BatchWeights = { token: 0, share: 0 }): MicroRun[] {
  const { data, joined, method } = setup;
  const groups = groupsOf(setup, rows);
  const examples = rows.reduce((n, row) => n + data.sizes[row]!.examples, 0);
  return groups.map((group) => {
    const shape = shapeFor(setup, group);
    const parts = group.map((row) => data.row(row));
    const examplesPerRow = parts.map((part) => part.columns.length);
    // Every example counts what it counts in the whole micro-batch.
    const share = examples === 0 || groups.length === 1 ? weights.share : (weights.share * examplesPerRow.reduce((a, b) => a + b, 0)) / examples;
    const batch = collate(joined === null ? parts : [besideEachOther(parts)], shape, { token: weights.token, share }, method.roles.length);
    return { rows: group, shape, batch: joined === null ? batch : { ...batch, examplesPerRow } };
  });
}
