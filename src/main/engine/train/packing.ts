/** Packs examples into rows of at most `length` tokens, by TRL's strategies. Examples in a row stay isolated from each other (own positions, own attention), which TRL's packing without a varlen kernel does not do.
 * Source: `shared/spec/alignment.md` section 3; best-fit-decreasing inside blocks of 1000 examples, as TRL packs. */

export type PackingStrategy = 'bfd' | 'bfd_split' | 'wrapped';
/** Tokens [start, end) of example `row`. */
export interface Piece { row: number; start: number; end: number }
export type PackedRow = readonly Piece[];

const BLOCK = 1000;

export function packRows(lengths: readonly number[], length: number, strategy: PackingStrategy): PackedRow[] {
  const packed: PackedRow[] = [];
  for (let first = 0; first < lengths.length; first += BLOCK) {
    const block = Array.from({ length: Math.min(BLOCK, lengths.length - first) }, (_, i) => first + i);
    if (strategy === 'wrapped') packed.push(...wrap(block, lengths, length));
    else packed.push(...bestFit(cut(block, lengths, length, strategy === 'bfd_split'), length));
  }
  return packed;
}

/** One example per row, cut to `length`. */
export function separateRows(lengths: readonly number[], length: number): PackedRow[] {
  return lengths.map((n, row) => [{ row, start: 0, end: Math.min(n, length) }]);
}

function cut(block: readonly number[], lengths: readonly number[], length: number, split: boolean): Piece[] {
  return block.flatMap((row) => {
    const pieces: Piece[] = [];
    const n = lengths[row]!;
    for (let start = 0; start < n; start += length) {
      pieces.push({ row, start, end: Math.min(n, start + length) });
      if (!split) break;
    }
    return pieces;
  });
}

/** Longest first (stable), each into the fullest bin that still has room. */
function bestFit(pieces: readonly Piece[], length: number): PackedRow[] {
  const size = (p: Piece): number => p.end - p.start;
  const sorted = [...pieces].sort((a, b) => size(b) - size(a));
  const bins: Piece[][] = [];
  const open: number[][] = Array.from({ length: length + 1 }, () => []);
  for (const piece of sorted) {
    const need = size(piece);
    let room = need;
    while (room <= length && open[room]!.length === 0) room++;
    let bin: number;
    if (room <= length) {
      bin = open[room]!.shift()!;
    } else {
      bin = bins.length;
      bins.push([]);
      room = length;
    }
    bins[bin]!.push(piece);
    if (room > need) open[room - need]!.push(bin);
  }
  return bins;
}

function wrap(block: readonly number[], lengths: readonly number[], length: number): PackedRow[] {
  const rows: Piece[][] = [];
  let current: Piece[] = [];
  let room = length;
  for (const row of block) {
    let start = 0;
    while (start < lengths[row]!) {
      const end = Math.min(lengths[row]!, start + room);
      current.push({ row, start, end });
      room -= end - start;
      start = end;
      if (room === 0) {
        rows.push(current);
        current = [];
        room = length;
      }
    }
  }
  if (current.length > 0) rows.push(current);
  return rows;
}
