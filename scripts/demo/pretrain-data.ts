// The corpus as training rows: each document between two <|endoftext|>, every token but the first trained on.
// Words repeat, so each is tokenised once and remembered; the tokenizer works word by word, which makes that exact (pretrain.ts checks it).

import { readFileSync } from 'node:fs';
import type { EncodedRow } from '../../src/main/engine/train/index.ts';
import type { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { splitPattern } from './bpe/train.ts';
import { corpusPath } from './make-corpus.ts';

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

/** Rows for documents from the start of the corpus until `tokens` tokens, then `evaluation` more documents that are not trained on. */
export function pretrainRows(texts: readonly string[], tokenizer: Tokenizer, tokens: number, evaluation: number): { rows: EncodedRow[]; evalRows: EncodedRow[]; tokens: number } {
  const encode = fastEncoder(tokenizer);
  const row = (source: number): EncodedRow => {
    const ids = Int32Array.from([endOfText, ...encode(texts[source] ?? ''), endOfText]);
    return { ids, mask: new Uint8Array(ids.length).fill(1), truncated: false, source };
  };
  const rows: EncodedRow[] = [];
  let count = 0;
  while (count < tokens && rows.length < texts.length - evaluation) {
    const made = row(rows.length);
    count += made.ids.length;
    rows.push(made);
  }
  const evalRows = Array.from({ length: evaluation }, (_, i) => row(rows.length + i));
  return { rows, evalRows, tokens: count };
}
