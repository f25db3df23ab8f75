// Tasks with numbers: putting them in order.

import type { Item, Task } from './task.ts';

export const ordering: Task = {
  id: 'ordering',
  rows: { train: 480, dev: 20, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (;;) {
      const values = random.sample(Array.from({ length: 60 }, (_, i) => i + 1), random.int(2, 4));
      const shown = values.join(', ');
      const sorted = [...values].sort((x, y) => x - y);
      const key = sorted.join(' ');
      const kind = random.below(3);
      if (kind === 0) yield { key, prompts: random.shuffle([`Which is the largest of ${shown}?`, `Find the largest number: ${shown}`]), answer: String(sorted[sorted.length - 1]) };
      else if (kind === 1) yield { key, prompts: random.shuffle([`Which is the smallest of ${shown}?`, `Find the smallest number: ${shown}`]), answer: String(sorted[0]) };
      else yield { key, prompts: random.shuffle([`Put the numbers ${shown} in order from small to large.`, `Sort the numbers: ${shown}`]), answer: sorted.join(', ') };
    }
  },
};
