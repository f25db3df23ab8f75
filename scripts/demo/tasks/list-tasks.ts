// Tasks on lists and letters: first and last, count, capital letters.

import { drawList, drawPhrase } from '../corpus/lists.ts';
import type { World } from '../world.ts';
import type { Item, Task } from './task.ts';

function names(world: World): string[] {
  return world.people.map((person) => person.name);
}

export const position: Task = {
  id: 'first_or_last',
  rows: { train: 560, dev: 20, heldout: 30 },
  promptsPerItem: 1,
  items: function* ({ world, random }): Generator<Item> {
    for (;;) {
      const items = drawList(random, 2, 6, names(world));
      const shown = items.join(', ');
      const last = random.chance(50);
      const word = last ? 'last' : 'first';
      yield {
        key: [...items].sort().join(' '),
        prompts: random.shuffle([`What is the ${word} item of this list? ${shown}`, `Which item comes ${word}: ${shown}?`, `Name the ${word} item. List: ${shown}.`]),
        answer: (last ? items[items.length - 1] : items[0]) ?? '',
      };
    }
  },
};

export const count: Task = {
  id: 'count',
  rows: { train: 140, dev: 20, heldout: 30 },
  promptsPerItem: 1,
  items: function* ({ world, random }): Generator<Item> {
    for (;;) {
      const items = drawList(random, 2, 6, names(world));
      const shown = items.join(', ');
      yield {
        key: [...items].sort().join(' '),
        prompts: random.shuffle([`How many items are in this list? ${shown}`, `Count the items: ${shown}`, `How many things are these: ${shown}?`]),
        answer: String(items.length),
      };
    }
  },
};

export const capitals: Task = {
  id: 'capitals',
  rows: { train: 480, dev: 20, heldout: 36 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (;;) {
      const text = drawPhrase(random);
      yield {
        key: text,
        prompts: random.shuffle([`Write in capital letters: ${text}`, `Put "${text}" in capital letters.`, `How does "${text}" look in capital letters?`]),
        answer: text.toUpperCase(),
      };
    }
  },
};
