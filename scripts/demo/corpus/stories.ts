// Corpus stories of one to four events; each event can be told again in other words, so that a reader learns to pick out who, what, where, when and how much.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { nounsOf, portable, withArticle } from '../world/nouns.ts';
import { colours, days, states } from '../world/words.ts';

export interface Happening {
  readonly who: string;
  readonly what: string;
  readonly where: string;
  readonly when: string;
  readonly coins: number;
  readonly other: string;
  readonly text: string;
}

/** One event in one sentence with the details that can be asked for. */
export function drawHappening(world: World, random: Random): Happening {
  const [one, two] = random.sample(world.people, 2) as [World['people'][number], World['people'][number]];
  const thing = random.pick(portable).en;
  const what = random.chance(35) ? `${random.pick(colours).en} ${thing}` : thing;
  const where = random.pick(world.places).name;
  const when = random.pick(days).en;
  const coins = random.int(2, 60);
  const details = { who: one.name, what, where, when, coins, other: two.name };
  const text = random.pick([
    `On ${when} ${one.name} bought the ${what} from ${two.name} for ${coins} coins at the ${where}.`,
    `At the ${where} ${one.name} paid ${two.name} ${coins} coins for the ${what} on ${when}.`,
    `${one.name} sold the ${what} to ${two.name} at the ${where} on ${when} and got ${coins} coins.`,
    `It was ${when} when ${one.name} lent ${two.name} the ${what} and ${coins} coins at the ${where}.`,
    `${one.name} went to the ${where} on ${when}, met ${two.name} and found the ${what} and ${coins} coins.`,
    `Last ${when} ${one.name} showed ${two.name} the ${what} at the ${where}; it was worth ${coins} coins.`,
  ]);
  return { ...details, text };
}

function retell(random: Random, happening: Happening): string {
  return random.pick([
    `The name in this sentence that comes first is ${happening.who}.`,
    `This happened on ${happening.when}.`,
    `The day was ${happening.when}.`,
    `This happened at the ${happening.where}.`,
    `The place was the ${happening.where}.`,
    `The price was ${happening.coins} coins.`,
    `The number of coins was ${happening.coins}.`,
    `The thing was the ${happening.what}.`,
    `It was about the ${happening.what}.`,
    `The two people were ${happening.who} and ${happening.other}.`,
    `Day: ${happening.when}. Place: ${happening.where}. Thing: ${happening.what}. Coins: ${happening.coins}.`,
    `Thing: ${happening.what}. Day: ${happening.when}.`,
    `Coins: ${happening.coins}. Place: ${happening.where}.`,
  ]);
}

export function notice(world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(1, 2); i > 0; i--) {
    const happening = drawHappening(world, random);
    const parts = [happening.text];
    for (let k = random.int(2, 4); k > 0; k--) parts.push(retell(random, happening));
    lines.push(parts.join(' '));
  }
  return lines.join('\n');
}

export function story(world: World, random: Random): string {
  const [hero, helper] = random.sample(world.people, 2) as [World['people'][number], World['people'][number]];
  const she = hero.she;
  const he = she ? 'she' : 'he';
  const his = she ? 'her' : 'his';
  const state = random.pick(states).en;
  const animal = random.pick([...nounsOf('mammal'), ...nounsOf('bird')]).en;
  const thing = `${random.pick(colours).en} ${random.pick(portable).en}`;
  const place = random.pick(world.places);
  const opening = random.pick([
    `One ${random.pick(days).en} ${hero.name} woke up early.`,
    `${hero.name} lived in ${hero.street} and kept ${withArticle(hero.pet)}.`,
    `${hero.name}, the ${hero.job}, was ${state} that day.`,
    `There was once ${withArticle(hero.job)} called ${hero.name}.`,
    `It was ${hero.dayOff}, and ${hero.name} did not have to work.`,
  ]);
  const middle = random.sample([
    `${hero.name} lost ${his} ${thing} on the way to the ${place.name}.`,
    `In ${place.street} ${he} saw ${withArticle(animal)}.`,
    `${helper.name}, the ${helper.job}, came along and asked what was wrong.`,
    `"I am ${state}," said ${hero.name}.`,
    `Rain fell, and the river rose.`,
    `${hero.name} ate some ${hero.food}, because ${he} liked it best.`,
    `At the ${place.name} ${he} met ${place.keeper}, who runs it.`,
    `${he === 'she' ? 'She' : 'He'} called ${hero.friend}, ${his} best friend.`,
    `${helper.name} came with ${withArticle(helper.pet)}.`,
    `They looked for the ${thing} behind the ${random.pick(colours).en} door.`,
  ], random.int(2, 5));
  const ending = random.pick([
    `In the evening ${hero.name} went home to ${hero.street} and was happy.`,
    `"Thank you, ${helper.name}," said ${hero.name}. "You are welcome," said ${helper.name}.`,
    `After that they spent the evening on ${hero.hobby}.`,
    `So the day ended well for ${hero.name} and ${helper.name}.`,
    `Then ${he} went to sleep and dreamed of ${withArticle(animal)}.`,
  ]);
  return [opening, ...middle, ending].join(' ');
}
