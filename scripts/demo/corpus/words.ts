// Corpus documents about words: what kind of thing something is, opposites, sequences of days, months and numbers.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { categories, nouns, nounsOf, withArticle } from '../world/nouns.ts';
import { days, months, numberWords, oppositePairs, seasons } from '../world/words.ts';
import { capital } from '../world/facts.ts';
import { joinAnd } from './join.ts';

export function kinds(_world: World, random: Random): string {
  const sentences: string[] = [];
  for (const noun of random.sample(nouns, random.int(2, 6))) {
    const a = withArticle(noun.en);
    const kind = withArticle(noun.category).replace(/^an? food$/, 'a food');
    sentences.push(random.pick([
      `${capital(a)} is ${kind}.`,
      `The word ${noun.en} names ${kind}.`,
      `${capital(a)} is a kind of ${noun.category}.`,
      `What kind of thing is ${a}? It is ${kind}.`,
      `${capital(noun.en)}: ${noun.category}.`,
    ]));
  }
  return sentences.join(random.pick([' ', '\n']));
}

export function members(_world: World, random: Random): string {
  const category = random.pick(categories);
  const names = random.sample(nounsOf(category.en), random.int(2, 4)).map((noun) => noun.en);
  const odd = random.pick(nouns.filter((noun) => noun.category !== category.en));
  const line = `${capital(joinAnd(names.map(withArticle)))} belong to one kind: ${category.en}.`;
  return random.chance(40) ? `${line} ${capital(withArticle(odd.en))} does not, for it is ${withArticle(odd.category)}.` : line;
}

export function opposites(_world: World, random: Random): string {
  const lines: string[] = [];
  for (const pair of random.sample(oppositePairs, random.int(2, 6))) {
    const [a, b] = random.chance(50) ? pair : [pair[1], pair[0]];
    lines.push(random.pick([
      `The opposite of ${a.en} is ${b.en}.`,
      `${capital(a.en)} is the opposite of ${b.en}.`,
      `${capital(a.en)} and ${b.en} are opposites.`,
      `What is not ${a.en} may be ${b.en}.`,
      `Opposite of ${a.en}: ${b.en}.`,
    ]));
  }
  return lines.join(random.pick([' ', '\n']));
}

export function sequences(_world: World, random: Random): string {
  const cycle = random.pick([days, months, seasons]).map((entry) => entry.en);
  const lines: string[] = [];
  for (let i = random.int(2, 4); i > 0; i--) {
    const at = random.below(cycle.length);
    const now = cycle[at] ?? '';
    const next = cycle[(at + 1) % cycle.length] ?? '';
    lines.push(random.pick([`After ${now} comes ${next}.`, `Before ${next} comes ${now}.`, `${capital(now)} is followed by ${next}.`, `The one after ${now} is ${next}.`]));
  }
  if (random.chance(20)) lines.push(`In order they are ${joinAnd(cycle)}.`);
  return lines.join(' ');
}

export function numberNames(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(3, 6); i > 0; i--) {
    const n = random.int(0, 99);
    lines.push(random.pick([`${n} is written ${numberWords(n)}.`, `The number ${numberWords(n)} is ${n}.`, `${capital(numberWords(n))}: ${n}.`, `After ${n} comes ${n + 1}.`]));
  }
  return lines.join(' ');
}
