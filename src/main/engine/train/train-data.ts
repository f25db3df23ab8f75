/** Rows as the run sees them: cut to max_length, rows without a loss dropped, packed when asked, and turned into token trees on demand. */

import { pack, type Piece } from '../../data/packing/packing.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { SftTrain } from '../../../shared/methods/sft.ts';
import type { EngineMethod, MethodSegment } from '../methods/method.ts';
import type { RowSize } from './buckets.ts';
import { lossTokens, type EncodedRow } from './encoded-row.ts';
import type { TokenTree } from './token-tree.ts';

export interface TrainData {
  /** One entry per row that is fed (a packed row holds several examples). */
  packed: readonly (readonly Piece[])[];
  sizes: readonly RowSize[];
  tree: (index: number) => TokenTree;
  /** Dataset rows behind a fed row, for messages. */
  sources: (index: number) => number[];
  dropped: number;
  /** Changes when any token or mask changes. */
  fingerprint: string;
}

export function prepareData(all: readonly EncodedRow[], config: Pick<SftTrain, 'max_length' | 'packing' | 'packing_strategy'>, method: EngineMethod): TrainData {
  const split = config.packing && config.packing_strategy !== 'bfd';
  const rows = all.filter((row) => lossTokens(split ? row : cut(row, 0, config.max_length)) > 0);
  if (all.length === 0) throw new AnnealError('dataset-empty', 'The training data has no rows; choose a dataset with at least one row.');
  if (rows.length === 0) throw new AnnealError('no-trainable-tokens', 'No row has a token to train on: check the loss options, the columns and max_length.');
  const lengths = rows.map((r) => r.ids.length);
  const packed = config.packing ? pack(lengths, config.max_length, config.packing_strategy).groups : lengths.map((n, row): Piece[] => [{ row, start: 0, end: Math.min(n, config.max_length) }]);
  const pieces = packed.map((row) => row.map((p) => cut(rows[p.row]!, p.start, p.end)));
  return {
    packed,
    sizes: pieces.map((list) => ({ tokens: list.reduce((n, p) => n + p.ids.length, 0), losses: list.reduce((n, p) => n + lossTokens(p), 0) })),
    tree: (index) => joinTrees(pieces[index]!.map((p) => method.segments(p))),
    sources: (index) => pieces[index]!.map((p) => p.source),
    dropped: all.length - rows.length,
    fingerprint: fingerprint(rows),
  };
}

function cut(row: EncodedRow, start: number, end: number): EncodedRow {
  if (start === 0 && end >= row.ids.length) return row;
  return { ids: row.ids.slice(start, end), mask: row.mask.subarray(start, end), truncated: true, source: row.source };
}

/** Trees side by side in one row: the roots stay isolated from each other. */
function joinTrees(trees: readonly MethodSegment[][]): TokenTree {
  const joined: MethodSegment[] = [];
  for (const tree of trees) {
    const shift = joined.length;
    for (const s of tree) joined.push(s.parent < 0 ? s : { ...s, parent: s.parent + shift });
  }
  return joined;
}

/** FNV-1a over all ids and masks. */
function fingerprint(rows: readonly EncodedRow[]): string {
  let h = 0x811c9dc5;
  for (const row of rows) {
    for (let i = 0; i < row.ids.length; i++) h = Math.imul(h ^ (row.ids[i]! * 2 + row.mask[i]!), 0x01000193);
    h = Math.imul(h ^ row.ids.length, 0x01000193);
  }
  return `${rows.length}:${(h >>> 0).toString(16).padStart(8, '0')}`;
}
