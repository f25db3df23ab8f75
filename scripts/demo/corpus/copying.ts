// Corpus documents in which something is said twice: lists copied, sentences repeated, words picked up again.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { drawList, drawPhrase } from './lists.ts';
import { drawWish } from './register.ts';

export function copiedList(world: World, random: Random): string {
  const people = random.sample(world.people, 2).map((person) => person.name) as [string, string];
  const items = drawList(random, 3, 8, world.people.map((person) => person.name)).join(', ');
  return random.pick([
    `${people[0]} wrote a list: ${items}. ${people[1]} copied the list: ${items}.`,
    `List: ${items}. Copy of the list: ${items}.`,
    `${people[0]} said: ${items}. ${people[1]} said it again: ${items}.`,
    `Old list: ${items}\nNew list: ${items}`,
    `${items}\n${items}`,
  ]);
}

export function repeatedWords(world: World, random: Random): string {
  const people = random.sample(world.people, 2).map((person) => person.name) as [string, string];
  const said = random.chance(50) ? drawWish(random) : Array.from({ length: random.int(1, 3) }, () => drawPhrase(random)).join(', ');
  return random.pick([
    `"${said}," said ${people[0]}. "${said}?" asked ${people[1]}. "Yes, ${said}," said ${people[0]}.`,
    `${people[0]} wrote "${said}". ${people[1]} read "${said}".`,
    `On the note of ${people[0]} was written: ${said}. So ${people[1]} read aloud: ${said}.`,
    `${people[0]} sang: ${said}, ${said}. ${people[1]} sang with ${people[0]}: ${said}.`,
  ]);
}

/** Songs and calls: a row of words, sung again word for word; the plainest thing to learn copying from. */
export function refrain(world: World, random: Random): string {
  const words = drawList(random, 4, 10, world.people.map((person) => person.name));
  const line = words.join(random.pick([' ', ' ', ', ']));
  return random.pick([`${line}. ${line}.`, `${line}\n${line}\n${line}`, `The children sing: ${line}. And again: ${line}.`, `${line} ${line} ${line}`]);
}
