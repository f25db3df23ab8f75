// Writes the demo's instruction data: resources/demo/data/instruct-{train,dev,heldout}.jsonl, one {"messages", "task"} a line.
// Run: node scripts/demo/make-instruct.ts. The splits share no item: what a held-out row asks about is asked in no other row.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seeded } from './random.ts';
import { splitFacts } from './tasks/fact-tasks.ts';
import { tasks } from './tasks/index.ts';
import type { Split, Task, TaskContext } from './tasks/task.ts';
import { makeWorld, worldSeed } from './world.ts';

export const dataFolder = fileURLToPath(new URL('../../resources/demo/data/', import.meta.url));
export const splits: readonly Split[] = ['heldout', 'dev', 'train'];

export interface InstructRow {
  /** Task and item, e.g. "person_fact: job of Mara"; not written to the file. */
  readonly item: string;
  readonly messages: readonly [{ readonly role: 'user'; readonly content: string }, { readonly role: 'assistant'; readonly content: string }];
  readonly task: string;
}

/** Rows of one task and split; keys taken by another split are skipped, and no prompt comes twice. */
function rowsOf(task: Task, split: Split, context: TaskContext, taken: Map<string, Split>, prompts: Set<string>): InstructRow[] {
  const rows: InstructRow[] = [];
  const perItem = split === 'train' ? task.promptsPerItem : 1;
  let tries = 0;
  for (const item of task.items(context, split)) {
    if (rows.length >= task.rows[split] || ++tries > 100_000) break;
    const owner = taken.get(item.key);
    if (owner && owner !== split) continue;
    taken.set(item.key, split);
    for (const prompt of item.prompts.slice(0, perItem)) {
      if (rows.length >= task.rows[split] || prompts.has(prompt)) continue;
      prompts.add(prompt);
      rows.push({ item: `${task.id}: ${item.key}`, messages: [{ role: 'user', content: prompt }, { role: 'assistant', content: item.answer }], task: task.id });
    }
  }
  if (rows.length < task.rows[split]) throw new RangeError(`task ${task.id} gives ${rows.length} ${split} rows, ${task.rows[split]} are wanted`);
  return rows;
}

export function makeInstruct(seed: number = worldSeed): Record<Split, InstructRow[]> {
  const world = makeWorld(seed);
  const facts = splitFacts(world, seeded(seed, 'fact split'));
  const out: Record<Split, InstructRow[]> = { train: [], dev: [], heldout: [] };
  const prompts = new Set<string>();
  const takenBy = new Map<string, Map<string, Split>>();
  for (const task of tasks) {
    // Translation asks one glossary in both directions: the two tasks share what is taken.
    const scope = task.id === 'to_chinese' || task.id === 'to_english' ? 'translation' : task.id;
    const taken = takenBy.get(scope) ?? new Map<string, Split>();
    takenBy.set(scope, taken);
    for (const split of splits) {
      const random = seeded(seed, `${task.id} ${split}`);
      out[split].push(...rowsOf(task, split, { world, random, facts }, taken, prompts));
    }
  }
  for (const split of splits) out[split] = seeded(seed, `order ${split}`).shuffle(out[split]);
  return out;
}

export function print(rows: readonly InstructRow[]): string {
  return `${rows.map(({ messages, task }) => JSON.stringify({ messages, task })).join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dataFolder, { recursive: true });
  for (const [split, rows] of Object.entries(makeInstruct())) {
    const text = print(rows);
    writeFileSync(`${dataFolder}instruct-${split}.jsonl`, text);
    console.log(`instruct-${split}.jsonl: ${rows.length} rows, ${Buffer.byteLength(text)} bytes`);
  }
}
