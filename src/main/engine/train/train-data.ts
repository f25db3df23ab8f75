/** Rows as the run sees them: cut to max_length, rows without a loss dropped, packed when asked, and turned into token trees on demand. */

import { pack, type PackingStrategy, type Piece } from '../../data/packing/packing.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { TrainerConfig } from '../../../shared/methods/trainer.ts';
import type { EngineMethod, MethodSegment } from '../methods/method.ts';
import type { BatchRow } from './batch.ts';
import type { RowSize } from './buckets.ts';
import { lossTokens, type EncodedRow } from '../methods/encoded-row.ts';
import { isExample, type ExampleRow, type TrainRow } from '../methods/example-row.ts';
import { treeLength, type Segment, type TokenTree } from './token-tree.ts';

export interface TrainData {
  /** One entry per row that is fed (a packed row holds several examples). */
  packed: readonly (readonly Piece[])[];
  sizes: readonly RowSize[];
  row: (index: number) => BatchRow;
  /** Tokens of a fed row as separate sequences would count them: a shared prompt once per completion. */
  counted: (index: number) => number;
  /** Dataset rows behind a fed row, for messages. */
  sources: (index: number) => number[];
  dropped: number;
  /** Changes when any token or mask changes. */
  fingerprint: string;
}

type DataConfig = TrainerConfig & { packing_strategy?: PackingStrategy };

export function prepareData(all: readonly TrainRow[], config: DataConfig, method: EngineMethod): TrainData {
  const strategy = config.packing_strategy ?? 'bfd';
  const split = config.packing && strategy !== 'bfd' && method.roles.length === 0;
  const usable = (row: TrainRow): boolean => {
    if (isExample(row)) return longest(row) <= config.max_length;
    return lossTokens(split ? row : cut(row, 0, config.max_length)) > 0;
  };
  const rows = all.filter(usable);
  if (all.length === 0) throw new AnnealError('dataset-empty', 'The training data has no rows; choose a dataset with at least one row.');
  if (rows.length === 0) throw new AnnealError('no-trainable-tokens', 'No row has a token to train on: check the loss options, the columns and max_length.');
  const segmentsOf = (piece: Piece): MethodSegment[] => {
    const row = rows[piece.row]!;
    if (isExample(row)) return method.segments(row, config);
    return method.segments(cut(row, piece.start, piece.end), config);
  };
  const lengths = rows.map((row) => (isExample(row) ? treeLength(method.segments(row, config)) : row.ids.length));
  // A tree holds several answers, so it may be longer than one sequence; packing fills rows of the longest tree's length.
  const room = method.roles.length === 0 ? config.max_length : Math.max(config.max_length, lengths.reduce((a, b) => Math.max(a, b), 0));
  const packed = config.packing ? pack(lengths, room, method.roles.length === 0 ? strategy : 'bfd').groups : lengths.map((n, row): Piece[] => [{ row, start: 0, end: Math.min(n, room) }]);
  const examplesOf = (index: number): ExampleRow[] => packed[index]!.map((p) => rows[p.row]!).filter(isExample);
  const counts = (row: ExampleRow): number => row.completions.reduce((n, c, role) => n + (method.uncounted?.includes(method.roles[role]!) === true ? 0 : c.ids.length), 0);
  const sizes = packed.map((pieces): RowSize => {
    const trees = pieces.map(segmentsOf);
    return { tokens: trees.reduce((n, tree) => n + treeLength(tree), 0), losses: trees.reduce((n, tree) => n + treeLosses(tree), 0), examples: method.roles.length === 0 ? 0 : pieces.length };
  });
  return {
    packed,
    sizes,
    row: (index) => ({ tree: joinTrees(packed[index]!.map(segmentsOf)), columns: examplesOf(index).map((row) => row.columns) }),
    counted: (index) => (method.roles.length === 0 ? sizes[index]!.tokens : examplesOf(index).reduce((n, row) => n + counts(row), 0)),
    sources: (index) => packed[index]!.map((p) => rows[p.row]!.source),
    dropped: all.length - rows.length,
    fingerprint: fingerprint(rows),
  };
}

const longest = (row: ExampleRow): number => row.completions.reduce((n, c) => Math.max(n, c.ids.length), 0);

function cut(row: EncodedRow, start: number, end: number): EncodedRow {
  if (start === 0 && end >= row.ids.length) return row;
  return { ids: row.ids.slice(start, end), mask: row.mask.subarray(start, end), truncated: true, source: row.source };
}

/** Losses with a prediction: the first token of a root has none. */
function treeLosses(tree: readonly MethodSegment[]): number {
  return tree.reduce((n, s) => n + Array.prototype.reduce.call<ArrayLike<number>, [(sum: number, x: number, i: number) => number, number], number>(s.targets, (sum, x, i) => sum + (i === 0 && s.parent < 0 ? 0 : x), 0), 0);
}

/** Trees side by side in one row: the roots stay isolated from each other. */
function joinTrees(trees: readonly MethodSegment[][]): TokenTree {
  const joined: Segment[] = [];
  trees.forEach((tree, example) => {
    const shift = joined.length;
    for (const s of tree) joined.push({ ...s, example, parent: s.parent < 0 ? -1 : s.parent + shift });
  });
  return joined;
}

/** FNV-1a over all ids, masks and columns. */
function fingerprint(rows: readonly TrainRow[]): string {
  let h = 0x811c9dc5;
  const add = (n: number): void => { h = Math.imul(h ^ n, 0x01000193); };
  for (const row of rows) {
    if (isExample(row)) {
      for (const c of row.completions) {
        for (let i = 0; i < c.ids.length; i++) add(c.ids[i]!);
        add(c.prompt);
      }
      for (const value of Object.values(row.columns)) add(Math.fround(value) * 4096 | 0);
      continue;
    }
    for (let i = 0; i < row.ids.length; i++) add(row.ids[i]! * 2 + row.mask[i]!);
    add(row.ids.length);
  }
  return `${rows.length}:${(h >>> 0).toString(16).padStart(8, '0')}`;
}
