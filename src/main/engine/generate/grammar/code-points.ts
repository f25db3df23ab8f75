/** Sets of Unicode characters as sorted, disjoint ranges, and their UTF-8 spellings as ranges of bytes. Surrogates are no characters and never in a set. */

import type { ByteRange } from './expr.ts';

export type CodePoints = readonly (readonly [low: number, high: number])[];
export const LAST = 0x10_ffff;

/** Sorts, joins, and takes surrogates out. */
export function codePoints(ranges: CodePoints): CodePoints {
  const valid = ranges.flatMap(([a, b]): [number, number][] => [[a, Math.min(b, 0xd7ff)], [Math.max(a, 0xe000), b]]).filter(([a, b]) => a <= b).toSorted((x, y) => x[0] - y[0]);
  const joined: [number, number][] = [];
  for (const [a, b] of valid) {
    const last = joined.at(-1);
    if (last && a <= last[1] + 1) last[1] = Math.max(last[1], b);
    else joined.push([a, b]);
  }
  return joined;
}
export const ALL: CodePoints = codePoints([[0, LAST]]);

export function complement(set: CodePoints): CodePoints {
  const out: [number, number][] = [];
  let next = 0;
  for (const [a, b] of set) { if (a > next) out.push([next, a - 1]); next = b + 1; }
  if (next <= LAST) out.push([next, LAST]);
  return codePoints(out);
}
export const union = (...sets: CodePoints[]): CodePoints => codePoints(sets.flat());
export const minus = (a: CodePoints, b: CodePoints): CodePoints => complement(union(complement(a), b));
export const contains = (set: CodePoints, c: number): boolean => set.some(([a, b]) => a <= c && c <= b);

const properties = new Map<string, CodePoints>();
/** The characters of a Unicode property (`L`, `Script=Greek`), or null when there is none of that name. */
export function propertySet(name: string): CodePoints | null {
  const known = properties.get(name);
  if (known) return known;
  let test: RegExp;
  try { test = new RegExp(`^\\p{${name}}$`, 'u'); } catch { return null; }
  const ranges: [number, number][] = [];
  for (let c = 0; c <= LAST; c++) {
    if ((c >= 0xd800 && c <= 0xdfff) || !test.test(String.fromCodePoint(c))) continue;
    const last = ranges.at(-1);
    if (last && last[1] === c - 1) last[1] = c;
    else ranges.push([c, c]);
  }
  const set = codePoints(ranges);
  properties.set(name, set);
  return set;
}

const SIZES = [[0, 0x7f], [0x80, 0x7ff], [0x800, 0xffff], [0x1_0000, LAST]] as const;

/** Sequences of byte ranges that together spell exactly the characters of a set. */
export function utf8Sequences(set: CodePoints): ByteRange[][] {
  const out: ByteRange[][] = [];
  for (const [a, b] of set) SIZES.forEach(([first, last], i) => { if (a <= last && b >= first) split(Math.max(a, first), Math.min(b, last), i + 1, out); });
  return out;
}

/** One range of characters with `size` bytes each. Where the leading parts differ, the ends are cut off until the continuation bytes of the middle run from 80 to BF. */
function split(low: number, high: number, size: number, out: ByteRange[][]): void {
  for (let k = 1; k < size; k++) {
    const mask = (1 << (6 * k)) - 1;
    if ((low & ~mask) === (high & ~mask)) break;
    if ((low & mask) !== 0) { split(low, low | mask, size, out); split((low | mask) + 1, high, size, out); return; }
    if ((high & mask) !== mask) { split(low, (high & ~mask) - 1, size, out); split(high & ~mask, high, size, out); return; }
  }
  const a = bytesOf(low, size);
  const b = bytesOf(high, size);
  out.push(a.map((x, i): ByteRange => [x, b[i] as number]));
}

function bytesOf(c: number, size: number): number[] {
  if (size === 1) return [c];
  const bytes: number[] = [];
  let rest = c;
  for (let k = 1; k < size; k++) { bytes.unshift(0x80 | (rest & 0x3f)); rest >>= 6; }
  bytes.unshift([0, 0, 0xc0, 0xe0, 0xf0][size]! | rest);
  return bytes;
}
