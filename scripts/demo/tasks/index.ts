// The tasks of the demo's instruction data, in one list. Sums and reversing a list stand in the corpus but not here: on the dev rows a model of this size did not learn them.

import { personFacts, townFacts, yesNo } from './fact-tasks.ts';
import { capitals, count, position } from './list-tasks.ts';
import { ordering } from './number-tasks.ts';
import type { Task } from './task.ts';
import { extract, manners } from './text-tasks.ts';
import { category, opposite, toChinese, toEnglish } from './word-tasks.ts';

export const tasks: readonly Task[] = [
  personFacts, townFacts, yesNo, ordering, position, count, capitals, category, opposite, toChinese, toEnglish, manners, extract,
];
