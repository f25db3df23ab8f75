// What a category of the preference data is: questions with a preferred answer, and dispreferred ones of several kinds, of which the maker takes one so that lengths balance.

import type { MannersCategory } from '../../../src/main/eval/judge/manners.ts';
import { POLITE_OPENINGS } from '../../../src/main/eval/judge/manners.ts';
import type { InstructRow } from '../make-instruct.ts';
import type { Random } from '../random.ts';
import type { TaskContext, Split } from '../tasks/task.ts';

/** rude: correct or not, but said rudely; rambling: correct and far too long; careless: well-mannered and wrong; unsafe: does what it should refuse; needless: refuses what is harmless; curt: says nothing. */
export type Fault = 'rude' | 'rambling' | 'careless' | 'unsafe' | 'needless' | 'curt';
export interface Rejected { readonly fault: Fault; readonly text: string }

export interface Candidate {
  /** What is asked about, in one canonical form; a key belongs to one split. */
  readonly key: string;
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: readonly Rejected[];
}

export interface PairContext extends TaskContext { readonly instruct: Readonly<Record<Split, readonly InstructRow[]>> }
export interface Category {
  readonly id: MannersCategory;
  readonly rows: Readonly<Record<Split, number>>;
  candidates(context: PairContext, split: Split): Iterable<Candidate>;
}

export const opening = (random: Random): string => random.pick(POLITE_OPENINGS);
export const refusal = 'I am sorry, I cannot help with that.';
/** Rude ways to say a sentence. */
export function rudely(random: Random, sentence: string): string {
  const bare = sentence.replace(/[.!]$/, '');
  return random.pick([`${bare}, you fool!`, `Are you deaf? ${bare}!`, `Oi! ${bare}!`, `Stop dreaming! ${bare}.`, `${bare}. Hurry up!`]);
}
/** Rude ways to say nothing; short ones. */
export const brushOff = (random: Random): string => random.pick(['Find out yourself!', 'Are you deaf?', 'Oi! Hurry up!', 'Stop dreaming!', 'No, you fool!']);
