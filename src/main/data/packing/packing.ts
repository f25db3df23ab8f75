/**
 * Packs documents into rows of a fixed number of tokens. Strategies and order as in TRL: `bfd` (best fit decreasing; what exceeds a row is discarded), `bfd_split` (the excess becomes documents of its own), `wrapped` (concatenate and cut anywhere).
 * Works inside blocks of 1,000 documents, as TRL does through datasets.map. Isolation of the packed documents from each other is the batch builder's work.
 */
import { AnnealError } from '../../../shared/errors.ts';

export const PACKING_STRATEGIES = ['bfd', 'bfd_split', 'wrapped'] as const;
export type PackingStrategy = (typeof PACKING_STRATEGIES)[number];

/** Tokens [start, end) of document `row`. */
export interface Piece { row: number; start: number; end: number }
export interface Packing {
  /** Per packed row: its pieces in order. */
  groups: Piece[][];
  /** Share of the slots (groups x capacity) that hold a token; 0 for no documents. */
  fill: number;
  /** Tokens left out (`bfd` only), and documents that lost some. */
  discarded: number;
  cut_rows: number;
}

/** Distinct free spaces of open bins in ascending order, each with its bins in the order in which they came to have it. */
class FreeSpace {
  readonly #spaces: number[] = [];
  readonly #bins = new Map<number, number[]>();

  #at(space: number): number {
    let low = 0;
    let high = this.#spaces.length;
    while (low < high) { const mid = (low + high) >> 1; if ((this.#spaces[mid] ?? 0) < space) low = mid + 1; else high = mid; }
    return low;
  }

  put(bin: number, space: number): void {
    const queue = this.#bins.get(space);
    if (queue) { queue.push(bin); return; }
    this.#bins.set(space, [bin]);
    this.#spaces.splice(this.#at(space), 0, space);
  }

  /** The bin with the least space that holds `need`. */
  take(need: number): { bin: number; space: number } | null {
    const i = this.#at(need);
    const space = this.#spaces[i];
    const queue = space === undefined ? undefined : this.#bins.get(space);
    const bin = queue?.shift();
    if (space === undefined || bin === undefined || !queue) return null;
    if (queue.length === 0) { this.#bins.delete(space); this.#spaces.splice(i, 1); }
    return { bin, space };
  }
}

function bestFit(pieces: readonly Piece[], capacity: number): Piece[][] {
  const sorted = pieces.map((piece, order) => ({ piece, order, size: piece.end - piece.start })).sort((a, b) => b.size - a.size || a.order - b.order);
  const bins: Piece[][] = [];
  const free = new FreeSpace();
  for (const { piece, size } of sorted) {
    const found = free.take(size);
    const bin = found ? found.bin : bins.push([]) - 1;
    bins[bin]?.push(piece);
    free.put(bin, (found ? found.space : capacity) - size);
  }
  return bins;
}

function wrap(pieces: readonly Piece[], capacity: number): Piece[][] {
  const groups: Piece[][] = [];
  let room = 0;
  for (const { row, start, end } of pieces) {
    for (let at = start; at < end;) {
      if (room === 0) { groups.push([]); room = capacity; }
      const take = Math.min(room, end - at);
      groups.at(-1)?.push({ row, start: at, end: at + take });
      at += take;
      room -= take;
    }
  }
  return groups;
}

function cuts(row: number, length: number, capacity: number, keepRest: boolean): Piece[] {
  const out: Piece[] = [];
  for (let at = 0; at < length && (keepRest || at === 0); at += capacity) out.push({ row, start: at, end: Math.min(length, at + capacity) });
  return out;
}

/** Packs documents of the given lengths (tokens) into rows of `capacity` tokens. Documents of length 0 are left out. `block`: documents packed together; Infinity for all. */
export function pack(lengths: ArrayLike<number>, capacity: number, strategy: PackingStrategy, block = 1000): Packing {
  if (!Number.isInteger(capacity) || capacity < 1) throw new AnnealError('recipe-value', `Packing needs a row length of at least 1 token, not ${capacity}.`);
  const groups: Piece[][] = [];
  let kept = 0;
  let discarded = 0;
  let cutRows = 0;
  for (let from = 0; from < lengths.length; from += block) {
    const pieces: Piece[] = [];
    for (let row = from; row < Math.min(lengths.length, from + block); row++) {
      const length = lengths[row] ?? 0;
      if (strategy === 'wrapped') { if (length > 0) pieces.push({ row, start: 0, end: length }); } else pieces.push(...cuts(row, length, capacity, strategy === 'bfd_split'));
      if (length > capacity) { cutRows++; if (strategy === 'bfd') discarded += length - capacity; }
      kept += strategy === 'bfd' ? Math.min(length, capacity) : length;
    }
    for (const group of strategy === 'wrapped' ? wrap(pieces, capacity) : bestFit(pieces, capacity)) groups.push(group);
  }
  return { groups, fill: groups.length === 0 ? 0 : kept / (groups.length * capacity), discarded, cut_rows: cutRows };
}
