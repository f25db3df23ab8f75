// The tasks of the demo's instruction data, in one list.

import { personFacts, townFacts, yesNo } from './fact-tasks.ts';
import { capitals, count, position, reverse } from './list-tasks.ts';
import { arithmetic, ordering } from './number-tasks.ts';
import type { Task } from './task.ts';
import { extract, manners } from './text-tasks.ts';
import { category, opposite, toChinese, toEnglish } from './word-tasks.ts';

export const tasks: readonly Task[] = [
  personFacts, townFacts, yesNo, arithmetic, ordering, reverse, position, count, capitals, category, opposite, toChinese, toEnglish, manners, extract,
];
