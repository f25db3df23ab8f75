// Corpus documents with Chinese: glossaries, sentences in both languages, facts about the town in Chinese.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { town } from '../world.ts';
import { capital } from '../world/facts.ts';
import { categories, nouns } from '../world/nouns.ts';
import type { Pair } from '../world/words.ts';
import { colours, days, greetings, months, numberChinese, numberWords, oppositePairs, seasons, states } from '../world/words.ts';
import { hobbies, jobs, streets } from '../world/people.ts';

/** Every word with a Chinese translation that is asked for in the instruction data. */
export const glossary: readonly Pair[] = [...nouns.map(({ en, zh }) => ({ en, zh })), ...colours, ...days, ...months, ...seasons, ...greetings, ...jobs, ...categories.slice(0, 6)];

const everything: readonly Pair[] = [...glossary, ...oppositePairs.flat(), ...hobbies, ...streets];

export function colourPhrase(colour: Pair, noun: Pair): Pair {
  return { en: `the ${colour.en} ${noun.en}`, zh: `${colour.zh}的${noun.zh}` };
}

export function stateSentence(job: Pair, state: Pair): Pair {
  return { en: `The ${job.en} is ${state.en}.`, zh: `${job.zh}很${state.zh}。` };
}

function phrase(random: Random): Pair {
  return random.chance(55) ? colourPhrase(random.pick(colours), random.pick(nouns)) : stateSentence(random.pick(jobs), random.pick(states));
}

function link(random: Random, pair: Pair): string {
  return random.pick([
    `In Chinese, ${pair.en} is ${pair.zh}.`,
    `The Chinese for ${pair.en} is ${pair.zh}.`,
    `${pair.zh} means ${pair.en}.`,
    `In English, ${pair.zh} is ${pair.en}.`,
    `The English for ${pair.zh} is ${pair.en}.`,
    `The Chinese word for ${pair.en} is ${pair.zh}.`,
  ]);
}

export function glossaryList(_world: World, random: Random): string {
  const entries = random.sample(everything, random.int(4, 10));
  const forward = random.chance(50);
  const mark = random.pick([' = ', ': ', ' - ']);
  const head = random.pick(['Glossary', 'A small glossary', 'Words', forward ? 'English and Chinese' : 'Chinese and English']);
  return `${head}\n${entries.map((pair) => (forward ? `${pair.en}${mark}${pair.zh}` : `${pair.zh}${mark}${pair.en}`)).join('\n')}`;
}

export function wordLesson(_world: World, random: Random): string {
  return random.sample(everything, random.int(2, 5)).map((pair) => link(random, pair)).join(' ');
}

export function phraseLesson(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(2, 5); i > 0; i--) {
    const pair = phrase(random);
    const forward = random.chance(50);
    const english = capital(pair.en);
    lines.push(random.pick([
      forward ? `English: ${english}\nChinese: ${pair.zh}` : `Chinese: ${pair.zh}\nEnglish: ${english}`,
      forward ? `${english} ${pair.zh}` : `${pair.zh} ${english}`,
      forward ? `"${english}" in Chinese is "${pair.zh}".` : `"${pair.zh}" in English is "${english}".`,
      forward ? `"${english}" translated into Chinese: ${pair.zh}` : `"${pair.zh}" translated into English: ${english}`,
    ]));
  }
  return lines.join('\n');
}

export function chineseText(world: World, random: Random): string {
  const zh = (list: readonly Pair[], en: string): string => list.find((pair) => pair.en === en)?.zh ?? en;
  const lines: string[] = [];
  for (const person of random.sample(world.people.filter((p) => p.zh !== null), random.int(1, 2))) {
    lines.push(...random.sample([
      `${person.zh}是${zh(jobs, person.job)}。`,
      `${person.zh}住在${zh(streets, person.street)}。`,
      `${person.zh}喜欢${zh(hobbies, person.hobby)}。`,
      `${person.zh}喜欢吃${zh(nouns, person.food)}。`,
      `${person.zh}有${zh(nouns, person.pet)}。`,
      `${person.zh}${zh(days, person.dayOff)}休息。`,
      `${person.zh}的英文名字写作 ${person.name}。`,
    ], random.int(2, 5)));
  }
  for (let i = random.int(0, 2); i > 0; i--) lines.push(phrase(random).zh.replace(/([^。])$/, '$1很好看。'));
  return random.pick(['', `${town.zh}。`]) + lines.join('');
}

export function chineseNumbers(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(2, 5); i > 0; i--) {
    const n = random.int(1, 99);
    lines.push(random.pick([`${numberWords(n)} = ${numberChinese(n)}`, `${n} 是${numberChinese(n)}。`, `${numberChinese(n)}: ${n}`]));
  }
  return lines.join('\n');
}
