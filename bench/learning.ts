/** Does each preference method learn? Held-out accuracy before and after training on the generated task of learning/manners-task.ts, from five seeds. test/learning takes its thresholds from what is recorded here. */

import { LEARNING_CASES, type LearningCase } from './learning/cases.ts';
import { LearningTask, type Learned } from './learning/measure.ts';
import type { Benchmark, Figure } from './figure.ts';

export const LEARNING_SEEDS = [1, 2, 3, 4, 5] as const;
/** Above the highest start: what "well above" means. */
export const LEARNING_GAIN = 0.2;

export const learning: Benchmark = {
  id: 'learning',
  run: async (say) => {
    const found = new Map<LearningCase, Learned[]>();
    for (const seed of LEARNING_SEEDS) {
      const task = new LearningTask(seed);
      try {
        for (const c of LEARNING_CASES) found.set(c, [...(found.get(c) ?? []), await task.learn(c)]);
        say(`seed ${seed} done`);
      } finally { task.dispose(); }
    }
    return [...found].map(([c, learned]) => figure(c, learned));
  },
};

function figure(c: LearningCase, learned: readonly Learned[]): Figure {
  const start = learned.map((l) => l.start), final = learned.map((l) => l.final);
  return {
    name: c.name, value: Math.min(...final), unit: 'held-out accuracy, lowest of five seeds',
    ...(c.fails === undefined ? { target: { at: 'least', value: Math.max(...start) + LEARNING_GAIN } } : {}), detail: { seeds: LEARNING_SEEDS, start, final, ...(c.fails === undefined ? {} : { expected: c.fails }) },
  };
}
