/** What the demo's numbers say, as a word: the interval of the paired difference decides, not the difference alone. */
import type { Demo } from '../../../../shared/schema/entities.ts';

export const ALL_TASKS = 'all';
export type Verdict = 'better' | 'worse' | 'undecided';
export function verdict(difference: NonNullable<Demo['difference']>): Verdict {
  if (difference.low > 0) return 'better';
  return difference.high < 0 ? 'worse' : 'undecided';
}
/** "p < 0.001", "p = 0.03". */
export const pText = (p: number, format: (n: number) => string): string => (p < 0.001 ? `p < ${format(0.001)}` : `p = ${format(p)}`);
export const squeeze = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
/** The measure that the table counts: equal but for white space. */
export const matches = (expected: string, answer: string): boolean => squeeze(expected) === squeeze(answer);
