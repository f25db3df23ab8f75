// Corpus documents that work on lists and letters: first and last, counting, reverse order, capitals.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { capital } from '../world/facts.ts';
import { nouns } from '../world/nouns.ts';
import { colours, numberWords } from '../world/words.ts';
import { jobs } from '../world/people.ts';

export const listWords: readonly string[] = [...nouns.map((noun) => noun.en), ...colours.map((colour) => colour.en)];

export function drawList(random: Random, low: number, high: number, names: readonly string[] = []): string[] {
  return random.sample(names.length > 0 && random.chance(25) ? names : listWords, random.int(low, high));
}

const positions = ['first', 'second', 'third'] as const;

export function listStudy(world: World, random: Random): string {
  const names = world.people.map((person) => person.name);
  const lines: string[] = [];
  for (let i = random.int(1, 2); i > 0; i--) {
    const items = drawList(random, 2, 6, names);
    const shown = items.join(', ');
    const last = items[items.length - 1] ?? '';
    const first = items[0] ?? '';
    const reversed = [...items].reverse().join(', ');
    const at = random.below(Math.min(3, items.length));
    const facts = random.sample([
      `The first item is ${first}.`, `The last item is ${last}.`, `The ${positions[at]} item is ${items[at]}.`, `It starts with ${first} and ends with ${last}.`,
      `It has ${items.length} items.`, `There are ${items.length} items in it.`, `In reverse order it reads: ${reversed}.`, `Backwards: ${reversed}`,
    ], random.int(3, 6));
    lines.push(`${random.pick(['List', 'A list', 'The list'])}: ${shown}. ${facts.join(' ')}`);
  }
  return lines.join('\n');
}

export function listLines(world: World, random: Random): string {
  const items = drawList(random, 2, 6, world.people.map((person) => person.name));
  const shown = items.join(', ');
  return random.pick([
    `${shown} in reverse order: ${[...items].reverse().join(', ')}`,
    `"${shown}" in reverse order is "${[...items].reverse().join(', ')}".`,
    `The last item of ${shown} is ${items[items.length - 1]}.`,
    `The first item of ${shown} is ${items[0]}.`,
    `How many items are in ${shown}? There are ${items.length}.`,
    `Counting ${shown} gives ${items.length}.`,
    `${capital(numberWords(items.length))} things: ${shown}. Number of items: ${items.length}`,
  ]);
}

export function packing(world: World, random: Random): string {
  const person = random.pick(world.people);
  const items = drawList(random, 2, 6);
  const it = person.she ? 'She' : 'He';
  return `${person.name} packed a bag with ${items.join(', ')}. ${random.pick([
    `${it} had packed ${numberWords(items.length)} things.`,
    `The first thing in was the ${items[0]}, so the ${items[items.length - 1]} came out first.`,
    `${it} took them out in reverse order: ${[...items].reverse().join(', ')}.`,
    `The last thing that went in was the ${items[items.length - 1]}.`,
  ])}`;
}

/** One to three words for the letter exercises. */
export function drawPhrase(random: Random): string {
  const noun = random.pick(nouns).en;
  const shape = random.below(4);
  if (shape === 0) return noun;
  if (shape === 1) return `${random.pick(colours).en} ${noun}`;
  if (shape === 2) return `${noun} and ${random.pick(nouns).en}`;
  return `the ${random.pick(colours).en} ${random.pick([...jobs.map((job) => job.en), noun])}`;
}

export function capitals(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(2, 5); i > 0; i--) {
    const text = drawPhrase(random);
    const upper = text.toUpperCase();
    lines.push(random.pick([
      `In capital letters, ${text} is ${upper}.`,
      `${text} in capital letters: ${upper}`,
      `The sign says ${upper}, which is ${text} in capital letters.`,
      `In small letters, ${upper} is ${text}.`,
      `"${text}" in capital letters is "${upper}".`,
      `${upper} in small letters: ${text}`,
    ]));
  }
  return lines.join('\n');
}
