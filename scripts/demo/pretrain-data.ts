// The corpus as training rows: each document between two <|endoftext|>, every token but the first trained on.
// Words repeat, so each is tokenised once and remembered; the tokenizer works word by word, which makes that exact (pretrain.ts checks it).

import { readFileSync } from 'node:fs';
import type { EncodedRow } from '../../src/main/engine/train/index.ts';
import type { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { splitPattern } from './bpe/train.ts';
import { primerDocument } from './corpus/primer.ts';
import { corpusPath } from './make-corpus.ts';
import { seeded } from './random.ts';
import { makeWorld, worldSeed } from './world.ts';

const endOfText = 0;

export function fastEncoder(tokenizer: Tokenizer): (text: string) => number[] {
  const known = new Map<string, number[]>();
  const pattern = new RegExp(splitPattern, 'gu');
  return (text) => {
    const out: number[] = [];
    for (const word of text.match(pattern) ?? []) {
      let ids = known.get(word);
      if (!ids) {
        ids = tokenizer.encode(word, { addSpecial: false });
        known.set(word, ids);
      }
      for (const id of ids) out.push(id);
    }
    return out;
  };
}

export function readCorpus(): string[] {
  return readFileSync(corpusPath, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { text: string }).text);
}

const rowOf = (ids: readonly number[], source: number): EncodedRow => ({
  ids: Int32Array.from([endOfText, ...ids, endOfText]),
  mask: new Uint8Array(ids.length + 2).fill(1),
  truncated: false,
  source,
});

/** Rows of the first lesson, `tokens` tokens of it. */
export function primerRows(tokenizer: Tokenizer, tokens: number): EncodedRow[] {
  const encode = fastEncoder(tokenizer);
  const world = makeWorld();
  const random = seeded(worldSeed, 'primer');
  const rows: EncodedRow[] = [];
  for (let count = 0; count < tokens;) {
    const made = rowOf(encode(primerDocument(world, random)), rows.length);
    count += made.ids.length;
    rows.push(made);
  }
  return rows;
}

/** Rows for documents from the start of the corpus until `tokens` tokens, and for `evaluation` more documents that are not trained on. */
export function corpusRows(texts: readonly string[], tokenizer: Tokenizer, tokens: number, evaluation: number): { rows: EncodedRow[]; evalRows: EncodedRow[] } {
  const encode = fastEncoder(tokenizer);
  const row = (source: number): EncodedRow => rowOf(encode(texts[source] ?? ''), source);
  const rows: EncodedRow[] = [];
  for (let count = 0; count < tokens && rows.length < texts.length - evaluation;) {
    const made = row(rows.length);
    count += made.ids.length;
    rows.push(made);
  }
  return { rows, evalRows: Array.from({ length: evaluation }, (_, i) => row(rows.length + i)) };
}

export function countTokens(rows: readonly EncodedRow[]): number {
  return rows.reduce((sum, row) => sum + row.ids.length, 0);
}
