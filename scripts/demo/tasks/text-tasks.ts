// Tasks on sentences: make a rude request polite, pick a detail out of a sentence.

import { drawWish, polite, rude } from '../corpus/register.ts';
import { drawHappening } from '../corpus/stories.ts';
import type { Item, Task } from './task.ts';

export const manners: Task = {
  id: 'make_polite',
  rows: { train: 140, dev: 20, heldout: 36 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (;;) {
      const wish = drawWish(random);
      const said = rude(random, wish);
      yield { key: wish, prompts: random.shuffle([`Make this polite: ${said}`, `Say this politely: ${said}`, `How do you say this politely? ${said}`]), answer: polite(wish) };
    }
  },
};

export const extract: Task = {
  id: 'extract',
  rows: { train: 640, dev: 20, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ world, random }): Generator<Item> {
    for (;;) {
      const happening = drawHappening(world, random);
      const [question, answer] = random.pick([
        ['Which name comes first in this sentence?', happening.who],
        ['On which day did this happen?', happening.when],
        ['At which place did this happen?', happening.where],
        ['How many coins are named?', String(happening.coins)],
        ['Which thing is this about?', happening.what],
      ] as const);
      yield { key: happening.text, prompts: random.shuffle([`${question} ${happening.text}`, `${happening.text} ${question}`]), answer };
    }
  },
};
