// What length alone tells about a preference: counts, the accuracy of "the shorter answer wins", and that of the best single cut of the length difference, found on the same pairs (so it flatters length).
// Run: node scripts/demo/preferences/length-bias.ts. Lengths in characters.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dataFolder } from '../make-instruct.ts';

export interface TextPair { readonly chosen: string; readonly rejected: string }
export interface LengthBias { readonly shorter: number; readonly longer: number; readonly equal: number; readonly shorterWins: number; readonly bestCut: number; readonly meanChosen: number; readonly meanRejected: number }

/** Ties count half. Lengths in characters unless another measure is given. */
export function lengthBias(pairs: readonly TextPair[], length: (text: string) => number = (text) => text.length): LengthBias {
  const sizes = pairs.map(({ chosen, rejected }) => [length(chosen), length(rejected)] as const), n = pairs.length;
  const shorter = sizes.filter(([c, r]) => c < r).length, longer = sizes.filter(([c, r]) => c > r).length;
  // Which of two answers stands first is a coin: "the first wins where its length less the other's lies below the cut" is right for a pair when it holds for the preferred one and not for the other.
  const differences = sizes.map(([c, r]) => c - r), cuts = [...new Set(differences.flatMap((d) => [d, -d, Math.abs(d)]))];
  const right = (cut: number): number => differences.reduce((sum, d) => sum + (Number(d <= cut) + Number(-d > cut)) / 2, 0) / n;
  const best = cuts.reduce((top, cut) => Math.max(top, right(cut), 1 - right(cut)), 0.5);
  const mean = (at: 0 | 1): number => sizes.reduce((sum, s) => sum + s[at], 0) / n;
  return { shorter, longer, equal: n - shorter - longer, shorterWins: (shorter + (n - shorter - longer) / 2) / n, bestCut: best, meanChosen: mean(0), meanRejected: mean(1) };
}

export function readPairs(split: string): (TextPair & { readonly prompt: string; readonly task: string })[] {
  interface Written { readonly prompt: readonly { readonly content: string }[]; readonly chosen: readonly { readonly content: string }[]; readonly rejected: readonly { readonly content: string }[]; readonly task: string }
  const text = (turns: Written['prompt']): string => turns[0]?.content ?? '';
  return readFileSync(join(dataFolder, `preference-${split}.jsonl`), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Written).map((row) => ({ prompt: text(row.prompt), chosen: text(row.chosen), rejected: text(row.rejected), task: row.task }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const split of ['train', 'dev', 'heldout']) console.log(split, lengthBias(readPairs(split)));
