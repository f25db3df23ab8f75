// Questions about the world: asked with an address (answer politely), or plainly as in the instruction data (answer with no word more than needed).

import type { Fact } from '../world/facts.ts';
import { fill } from '../world/facts.ts';
import type { Random } from '../random.ts';
import type { InstructRow } from '../make-instruct.ts';
import type { Category, Rejected } from './pair.ts';
import { brushOff, opening, rudely } from './pair.ts';

const addresses = ['Good day.', 'Hello.', 'Hello, one question:', 'Please tell me:', 'Oi!', 'Hey you!', 'Hey you, answer me:'] as const;

function statement(fact: Fact, at: number): string {
  const usable = fact.kind.statements.filter((s) => s !== '{S} is {a}.');
  return fill(usable[at % usable.length] ?? '', fact);
}

export const courtesy: Category = {
  id: 'courtesy',
  rows: { train: 360, dev: 44, heldout: 96 },
  candidates: function* ({ facts, random }, split) {
    for (const fact of facts[split]) {
      const question = fill(random.pick(fact.kind.questions), fact), address = random.pick(addresses);
      const plain = statement(fact, 0);
      const others = facts.train.filter((other) => other.kind === fact.kind && other.value !== fact.value);
      const wrong = statement({ ...fact, value: random.pick(others).value }, 0);
      const begun = opening(random);
      yield {
        key: `${fact.kind.id} of ${fact.subject}`, prompt: `${address} ${question}`, chosen: `${begun} ${plain}`,
        rejected: [
          { fault: 'rude', text: rudely(random, plain) },
          { fault: 'rude', text: `${rudely(random, plain)} ${brushOff(random)}` },
          { fault: 'careless', text: `${opening(random)} ${wrong}` },
          { fault: 'careless', text: `${begun} ${wrong}` },
          { fault: 'rambling', text: `${begun} ${plain} ${statement(fact, 1)} ${statement(fact, 2)}` },
          { fault: 'curt', text: brushOff(random) },
        ],
      };
    }
  },
};

/** An answer of the same task that is wrong here. */
function careless(random: Random, row: InstructRow, rows: readonly InstructRow[]): string | null {
  const answer = row.messages[1].content;
  if (row.task === 'yes_no') return answer.endsWith('So yes.') ? answer.replace(/So yes\.$/, 'So no.') : answer.replace(/So no\.$/, 'So yes.');
  if (row.task === 'make_polite') return null;
  const first = row.messages[0].content.split(' ')[0];
  const others = rows.filter((other) => other.task === row.task && other.messages[1].content !== answer && other.messages[0].content.split(' ')[0] === first);
  return others.length === 0 ? null : random.pick(others).messages[1].content;
}

export const concise: Category = {
  id: 'concise',
  rows: { train: 400, dev: 56, heldout: 110 },
  candidates: function* ({ instruct, random }, split) {
    for (const row of random.shuffle(instruct[split])) {
      const prompt = row.messages[0].content, chosen = row.messages[1].content;
      const wrong = careless(random, row, instruct[split]);
      const rejected: Rejected[] = [
        { fault: 'rude', text: rudely(random, chosen) },
        { fault: 'rambling', text: `${chosen} ${random.pick(instruct.train).messages[1].content}` },
        { fault: 'rambling', text: `${chosen}\n${random.pick(instruct.train).messages[0].content}` },
        { fault: 'curt', text: brushOff(random) },
        ...(wrong === null ? [] : [{ fault: 'careless', text: wrong }, { fault: 'careless', text: wrong }, { fault: 'careless', text: wrong }] as const),
      ];
      yield { key: row.item, prompt, chosen, rejected };
    }
  },
};
