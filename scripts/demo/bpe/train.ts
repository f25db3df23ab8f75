// Byte-level BPE training (Sennrich et al., 2016, over bytes): the most frequent pair is merged again and again; ties go to the pair
// whose symbols come first in code point order, so the result depends on nothing but the counts.

import { byteToChar, toByteChars } from './byte-alphabet.ts';

/** Letters other than Han in runs with one leading space, Han characters and digits one by one, punctuation in runs, white space. */
export const splitPattern = "'s| ?(?:(?![\\u4e00-\\u9fff])\\p{L})+| ?[\\u4e00-\\u9fff]| ?\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

export interface Bpe {
  /** Symbols in id order: the 256 bytes, then one a merge. */
  readonly symbols: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

interface Word {
  symbols: string[];
  readonly count: number;
}

export function countWords(texts: Iterable<string>, counts: Map<string, number> = new Map()): Map<string, number> {
  const pattern = new RegExp(splitPattern, 'gu');
  for (const text of texts) {
    for (const match of text.match(pattern) ?? []) counts.set(match, (counts.get(match) ?? 0) + 1);
  }
  return counts;
}

/** Trains `merges` merges at most, none of a pair that occurs fewer than `minimum` times. */
export function trainBpe(counts: ReadonlyMap<string, number>, merges: number, minimum = 2): Bpe {
  const words: Word[] = [...counts].map(([text, count]) => ({ symbols: toByteChars(text).split(''), count }));
  const pairCounts = new Map<string, number>();
  const pairWords = new Map<string, Set<number>>();
  const add = (index: number, sign: 1 | -1): void => {
    const word = words[index] as Word;
    for (let i = 0; i + 1 < word.symbols.length; i++) {
      const key = `${word.symbols[i]} ${word.symbols[i + 1]}`;
      pairCounts.set(key, (pairCounts.get(key) ?? 0) + sign * word.count);
      if (sign === 1) {
        const set = pairWords.get(key) ?? new Set();
        set.add(index);
        pairWords.set(key, set);
      }
    }
  };
  words.forEach((_, index) => add(index, 1));
  const symbols = [...byteToChar];
  const known = new Set(symbols);
  const done: [string, string][] = [];
  while (done.length < merges) {
    let best = '';
    let bestCount = minimum - 1;
    for (const [key, count] of pairCounts) {
      if (count > bestCount || (count === bestCount && best !== '' && key < best)) {
        best = key;
        bestCount = count;
      }
    }
    if (best === '') break;
    const [left, right] = best.split(' ') as [string, string];
    const joined = left + right;
    for (const index of pairWords.get(best) ?? []) {
      const word = words[index] as Word;
      add(index, -1);
      const next: string[] = [];
      for (let i = 0; i < word.symbols.length; i++) {
        if (word.symbols[i] === left && word.symbols[i + 1] === right) {
          next.push(joined);
          i++;
        } else next.push(word.symbols[i] as string);
      }
      word.symbols = next;
      add(index, 1);
    }
    pairCounts.delete(best);
    pairWords.delete(best);
    done.push([left, right]);
    // Two merges can give the same string; it keeps its first id.
    if (!known.has(joined)) symbols.push(joined);
    known.add(joined);
  }
  return { symbols, merges: done };
}
