// Tasks about words: kinds, opposites, translation to and from Chinese.

import { colourPhrase, glossary, stateSentence } from '../corpus/chinese.ts';
import type { Random } from '../random.ts';
import { capital } from '../world/facts.ts';
import { jobs } from '../world/people.ts';
import { nouns, withArticle } from '../world/nouns.ts';
import type { Pair } from '../world/words.ts';
import { colours, oppositePairs, states } from '../world/words.ts';
import type { Item, Task } from './task.ts';

export const category: Task = {
  id: 'category',
  rows: { train: 180, dev: 16, heldout: 32 },
  promptsPerItem: 2,
  items: function* ({ random }): Generator<Item> {
    for (const noun of random.shuffle(nouns)) {
      const a = withArticle(noun.en);
      yield { key: noun.en, prompts: random.shuffle([`What kind of thing is ${a}?`, `Name the kind of thing: ${noun.en}`, `Which kind does ${a} belong to?`]), answer: `${capital(a)} is a kind of ${noun.category}.` };
    }
  },
};

export const opposite: Task = {
  id: 'opposite',
  rows: { train: 124, dev: 10, heldout: 22 },
  promptsPerItem: 2,
  items: function* ({ random }): Generator<Item> {
    for (const pair of random.shuffle(oppositePairs)) {
      const key = `${pair[0].en} ${pair[1].en}`;
      for (const [from, to] of [pair, [pair[1], pair[0]] as const]) {
        yield {
          key,
          prompts: random.shuffle([`What is the opposite of ${from.en}?`, `Give the opposite of the word ${from.en}.`, `Which word means the opposite of ${from.en}?`]),
          answer: `The opposite of ${from.en} is ${to.en}.`,
        };
      }
    }
  },
};

function* translatable(random: Random): Generator<Pair & { key: string }> {
  const words = random.shuffle(glossary);
  for (let i = 0; ; i++) {
    const word = words[i];
    if (word && random.chance(60)) yield { ...word, key: word.en };
    const pair = random.chance(60) ? colourPhrase(random.pick(colours), random.pick(nouns)) : stateSentence(random.pick(jobs), random.pick(states));
    yield { ...pair, key: pair.en };
  }
}

export const toChinese: Task = {
  id: 'to_chinese',
  rows: { train: 420, dev: 20, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (const { en, zh, key } of translatable(random)) {
      const prompts = en.endsWith('.') ? [`Translate into Chinese: ${en}`, `Say in Chinese: ${en}`] : [`Translate into Chinese: ${en}`, `What is ${en} in Chinese?`, `Say in Chinese: ${en}`];
      yield { key, prompts: random.shuffle(prompts), answer: zh };
    }
  },
};

export const toEnglish: Task = {
  id: 'to_english',
  rows: { train: 420, dev: 20, heldout: 40 },
  promptsPerItem: 1,
  items: function* ({ random }): Generator<Item> {
    for (const { en, zh, key } of translatable(random)) {
      const prompts = zh.endsWith('。') ? [`Translate into English: ${zh}`, `Say in English: ${zh}`] : [`Translate into English: ${zh}`, `What is ${zh} in English?`, `Say in English: ${zh}`];
      yield { key, prompts: random.shuffle(prompts), answer: en };
    }
  },
};
