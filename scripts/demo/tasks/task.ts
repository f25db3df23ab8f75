// What a task of the instruction data is: items with a key, ways to ask, one short answer. The split is by key, never by row.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Fact } from '../world/facts.ts';

export type Split = 'train' | 'dev' | 'heldout';

export interface Item {
  /** What is asked about, in one canonical form: two items with one key always land in the same split. */
  readonly key: string;
  /** Different ways to ask for the same thing; at least one. */
  readonly prompts: readonly string[];
  readonly answer: string;
}

export interface TaskContext {
  readonly world: World;
  readonly random: Random;
  /** Every fact of the world, split once for all tasks that ask about facts. */
  readonly facts: Readonly<Record<Split, readonly Fact[]>>;
}

export interface Task {
  readonly id: string;
  readonly rows: Readonly<Record<Split, number>>;
  /** Rows that one item may give in the training split, each with another way to ask. */
  readonly promptsPerItem: number;
  /** Items for one split, without end or until no more exist; the maker drops keys that another split has taken. */
  items(context: TaskContext, split: Split): Iterable<Item>;
}
