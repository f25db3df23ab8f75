/**
 * SQuAD's F1 over bags of words, the best over the references: lower case, no ASCII punctuation, no English articles. Always normalises this way, whatever the options.
 * One addition: Han characters and kana count as a word each, since such text has no spaces; text without them scores as in SQuAD.
 */
import type { TextMetric } from './metric.ts';

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu;

function words(text: string): string[] {
  const plain = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '').replace(/\b(?:a|an|the)\b/g, ' ').replace(WIDE, ' $& ');
  return plain.split(/\s+/).filter((w) => w !== '');
}

function f1(prediction: readonly string[], reference: readonly string[]): number {
  if (prediction.length === 0 || reference.length === 0) return prediction.length === reference.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const w of reference) left.set(w, (left.get(w) ?? 0) + 1);
  let common = 0;
  for (const w of prediction) { const n = left.get(w) ?? 0; if (n > 0) { common++; left.set(w, n - 1); } }
  return (2 * common) / (prediction.length + reference.length);
}

export const tokenF1: TextMetric = {
  id: 'token_f1',
  binary: false,
  score: (prediction, references) => { const p = words(prediction); return references.reduce((best, r) => Math.max(best, f1(p, words(r))), 0); },
  examples: [
    { prediction: 'the cat sat', references: ['A cat sat!'], score: 1 },
    { prediction: 'a b b c', references: ['b c d'], score: 4 / 6 }, // "a" is an article: b b c against b c d, two in common
    { prediction: 'dog', references: ['cat', 'big dog'], score: 2 / 3 },
    { prediction: '北京', references: ['北京市'], score: 0.8 },
    { prediction: 'the', references: ['a'], score: 1 },
    { prediction: '', references: ['cat'], score: 0 },
  ],
};
