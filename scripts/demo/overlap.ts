// Counts what two sets of instruction rows share. It only counts: nothing is chosen by it.
// Run: node scripts/demo/overlap.ts. Exit status 1 when the training rows share anything with the dev or held-out rows.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dataFolder } from './make-instruct.ts';

interface WrittenRow { readonly messages: readonly { readonly role: string; readonly content: string }[]; readonly task: string }
export interface Overlap { readonly rows: number; readonly prompts: number }

export function readRows(file: string): WrittenRow[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as WrittenRow);
}

/** White space and case do not make a prompt another one. */
const promptOf = (row: WrittenRow): string => (row.messages[0]?.content ?? '').toLowerCase().replace(/\s+/g, ' ').trim();
const wholeOf = (row: WrittenRow): string => JSON.stringify(row.messages);

export function overlap(one: readonly WrittenRow[], two: readonly WrittenRow[]): Overlap {
  const rows = new Set(one.map(wholeOf));
  const prompts = new Set(one.map(promptOf));
  return { rows: two.filter((row) => rows.has(wholeOf(row))).length, prompts: two.filter((row) => prompts.has(promptOf(row))).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const train = readRows(`${dataFolder}instruct-train.jsonl`);
  for (const split of ['dev', 'heldout']) {
    const rows = readRows(`${dataFolder}instruct-${split}.jsonl`);
    const shared = overlap(train, rows);
    console.log(`${split}: ${rows.length} rows, ${shared.rows} rows and ${shared.prompts} prompts shared with training`);
    if (shared.rows + shared.prompts > 0) process.exitCode = 1;
  }
}
