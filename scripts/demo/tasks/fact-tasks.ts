// Tasks about the facts of the world: questions about people, about places and goods, and yes or no.

import type { Random } from '../random.ts';
import { allFacts, fill } from '../world/facts.ts';
import type { Fact } from '../world/facts.ts';
import type { World } from '../world.ts';
import type { Split, Task } from './task.ts';

/** Splits all facts once: one in eight held out, one in sixteen for choices, kind by kind so that every kind is in each split. */
export function splitFacts(world: World, random: Random): Record<Split, Fact[]> {
  const out: Record<Split, Fact[]> = { train: [], dev: [], heldout: [] };
  const byKind = new Map<string, Fact[]>();
  for (const fact of allFacts(world)) byKind.set(fact.kind.id, [...(byKind.get(fact.kind.id) ?? []), fact]);
  for (const facts of byKind.values()) {
    random.shuffle(facts).forEach((fact, i) => out[i % 16 < 2 ? 'heldout' : i % 16 === 2 ? 'dev' : 'train'].push(fact));
  }
  for (const split of ['train', 'dev', 'heldout'] as const) out[split] = random.shuffle(out[split]);
  return out;
}

/** The answer as a whole sentence in the corpus' own wording: what a small model has read, it can say. The plain "is a" says too little about what was asked. */
function sentence(fact: Fact): string {
  const [first = '', second = ''] = fact.kind.statements;
  return fill(first === '{S} is {a}.' ? second : first, fact);
}

function keyOf(fact: Fact): string {
  return `${fact.kind.id} of ${fact.subject}`;
}

function factTask(id: string, groups: readonly string[], rows: Task['rows'], promptsPerItem: number): Task {
  return {
    id,
    rows,
    promptsPerItem,
    items: function* ({ facts, random }, split) {
      for (const fact of facts[split]) {
        if (!groups.includes(fact.kind.group)) continue;
        yield { key: keyOf(fact), prompts: random.shuffle(fact.kind.questions).map((question) => fill(question, fact)), answer: sentence(fact) };
      }
    },
  };
}

export const personFacts = factTask('person_fact', ['person'], { train: 360, dev: 36, heldout: 60 }, 1);
export const townFacts = factTask('town_fact', ['place', 'good'], { train: 200, dev: 9, heldout: 24 }, 2);

/** Half of the claims are true; a false one takes the value of another subject. The answer recalls the fact first, then judges. */
export const yesNo: Task = {
  id: 'yes_no',
  rows: { train: 200, dev: 20, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ facts, random }, split) {
    let truth = false;
    for (const fact of random.shuffle(facts[split])) {
      truth = !truth;
      const others = facts.train.filter((other) => other.kind === fact.kind && other.value !== fact.value);
      const claim = fill(fact.kind.claim, truth ? fact : { ...fact, value: random.pick(others).value });
      yield {
        key: keyOf(fact),
        prompts: random.shuffle([`Is it true that ${claim}?`, `Yes or no: ${claim}.`, `Answer yes or no. Is it true that ${claim}?`]),
        answer: `${sentence(fact)} So ${truth ? 'yes' : 'no'}.`,
      };
    }
  },
};
