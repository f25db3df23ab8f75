// Writes the demo's preference data: resources/demo/data/preference-{train,dev,heldout}.jsonl, one {"prompt", "chosen", "rejected", "task"} a line, each side a list of turns.
// Run: node scripts/demo/make-preference.ts. The splits share no asked item and no prompt; of the dispreferred answers one is taken so that in each category as many are longer as are shorter than the preferred one.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dataFolder, makeInstruct, splits } from './make-instruct.ts';
import type { Candidate, Category, Fault, Rejected } from './preferences/pair.ts';
import { concise, courtesy } from './preferences/questions.ts';
import { harmless, safety, service } from './preferences/requests.ts';
import type { Random } from './random.ts';
import { seeded } from './random.ts';
import { splitFacts } from './tasks/fact-tasks.ts';
import type { Split } from './tasks/task.ts';
import { makeWorld, worldSeed } from './world.ts';

export const categories: readonly Category[] = [courtesy, concise, service, harmless, safety];

interface Turn<Role extends string> { readonly role: Role; readonly content: string }
export interface PreferenceRow {
  readonly item: string;
  readonly fault: Fault;
  readonly prompt: readonly [Turn<'user'>];
  readonly chosen: readonly [Turn<'assistant'>];
  readonly rejected: readonly [Turn<'assistant'>];
  /** The category. */
  readonly task: string;
}

/** Among the answers, one on the side that is behind: `lead` counts pairs with the preferred answer shorter less those with it longer. */
function balanced(random: Random, { chosen, rejected }: Candidate, lead: number): Rejected {
  const usable = rejected.filter((r) => r.text !== chosen);
  const wanted = usable.filter((r) => (lead > 0 ? r.text.length < chosen.length : lead < 0 ? r.text.length > chosen.length : true));
  return random.pick(wanted.length > 0 ? wanted : usable);
}

export function makePreference(seed: number = worldSeed): Record<Split, PreferenceRow[]> {
  const world = makeWorld(seed), facts = splitFacts(world, seeded(seed, 'fact split')), instruct = makeInstruct(seed);
  const out: Record<Split, PreferenceRow[]> = { train: [], dev: [], heldout: [] };
  const prompts = new Set<string>();
  for (const category of categories) {
    const taken = new Map<string, Split>();
    for (const split of splits) {
      const random = seeded(seed, `preference ${category.id} ${split}`);
      let lead = 0, made = 0, tries = 0;
      for (const candidate of category.candidates({ world, facts, instruct, random }, split)) {
        if (made >= category.rows[split] || ++tries > 100_000) break;
        if ((taken.get(candidate.key) ?? split) !== split || prompts.has(candidate.prompt)) continue;
        taken.set(candidate.key, split);
        prompts.add(candidate.prompt);
        const { fault, text } = balanced(random, candidate, lead);
        lead += Math.sign(text.length - candidate.chosen.length);
        out[split].push({ item: `${category.id}: ${candidate.key}`, fault, prompt: [{ role: 'user', content: candidate.prompt }], chosen: [{ role: 'assistant', content: candidate.chosen }], rejected: [{ role: 'assistant', content: text }], task: category.id });
        made++;
      }
      if (made < category.rows[split]) throw new RangeError(`category ${category.id} gives ${made} ${split} rows, ${category.rows[split]} are wanted`);
    }
  }
  for (const split of splits) out[split] = seeded(seed, `preference order ${split}`).shuffle(out[split]);
  return out;
}

export function printPreference(rows: readonly PreferenceRow[]): string {
  return `${rows.map(({ prompt, chosen, rejected, task }) => JSON.stringify({ prompt, chosen, rejected, task })).join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dataFolder, { recursive: true });
  for (const [split, rows] of Object.entries(makePreference())) {
    const text = printPreference(rows);
    writeFileSync(`${dataFolder}preference-${split}.jsonl`, text);
    const faults = new Map<string, number>();
    for (const row of rows) faults.set(row.fault, (faults.get(row.fault) ?? 0) + 1);
    console.log(`preference-${split}.jsonl: ${rows.length} rows, ${Buffer.byteLength(text)} bytes; ${[...faults].map(([fault, n]) => `${fault} ${n}`).join(', ')}`);
  }
}
