// Tasks with numbers: sums, differences and products, and putting numbers in order.

import { drawSum } from '../corpus/numbers.ts';
import type { Item, Task } from './task.ts';

const asks = {
  '+': (a: number, b: number): string[] => [`What is ${a} + ${b}?`, `What is ${a} plus ${b}?`, `Add ${a} and ${b}.`, `What is the sum of ${a} and ${b}?`],
  '-': (a: number, b: number): string[] => [`What is ${a} - ${b}?`, `What is ${a} minus ${b}?`, `Take ${b} from ${a}.`, `What is the difference of ${a} and ${b}?`],
  'x': (a: number, b: number): string[] => [`What is ${a} x ${b}?`, `What is ${a} times ${b}?`, `What is the product of ${a} and ${b}?`],
} as const;

export const arithmetic: Task = {
  id: 'arithmetic',
  rows: { train: 240, dev: 24, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (;;) {
      const { a, b, sign, result } = drawSum(random);
      const [low, high] = a < b ? [a, b] : [b, a];
      yield { key: `${low} ${sign} ${high}`, prompts: random.shuffle(asks[sign](a, b)), answer: String(result) };
    }
  },
};

export const ordering: Task = {
  id: 'ordering',
  rows: { train: 180, dev: 20, heldout: 40 },
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
