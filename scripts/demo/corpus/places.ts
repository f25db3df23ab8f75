// Corpus documents about the town's places, goods and prices.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { town } from '../world.ts';
import { fill } from '../world/facts.ts';
import { withArticle } from '../world/nouns.ts';
import { subjectFacts } from './people.ts';

export function placeGuide(world: World, random: Random): string {
  const place = random.pick(world.places);
  const facts = random.sample(subjectFacts(world).get(`the ${place.name}`) ?? [], random.int(2, 4));
  const sentences = facts.map((fact, i) => {
    const usePronoun = i > 0 && facts[i - 1]?.kind.id !== 'keeper' && fact.kind.id !== 'keeper' && random.chance(30);
    return fill(random.pick(fact.kind.statements), fact, usePronoun ? 'it' : null);
  });
  return random.pick(['', '', `A guide to ${town.en}. `]) + sentences.map((s) => s.charAt(0).toUpperCase() + s.slice(1)).join(' ');
}

export function priceList(world: World, random: Random): string {
  const goods = random.sample(world.goods, random.int(3, 8));
  return `${random.pick(['Prices', `Prices in ${town.en}`, 'Price list', 'What things cost'])}\n${goods.map((good) => `${good.name}: ${good.price} coins`).join('\n')}`;
}

export function goodsTalk(world: World, random: Random): string {
  const sentences: string[] = [];
  for (const good of random.sample(world.goods, random.int(2, 4))) {
    const facts = subjectFacts(world).get(withArticle(good.name)) ?? [];
    for (const fact of random.sample(facts, random.int(1, 2))) sentences.push(fill(random.pick(fact.kind.statements), fact));
  }
  return sentences.join(' ');
}

export function shopping(world: World, random: Random): string {
  const person = random.pick(world.people);
  const goods = random.sample(world.goods, random.int(1, 3));
  const total = goods.reduce((sum, good) => sum + good.price, 0);
  const lines = goods.map((good) => random.pick([
    `At the ${good.place} ${person.name} bought ${withArticle(good.name)} for ${good.price} coins.`,
    `${person.name} went to the ${good.place} and paid ${good.price} coins for ${withArticle(good.name)}.`,
    `"How much is the ${good.name}?" asked ${person.name} at the ${good.place}. "${good.price} coins, please," said the keeper.`,
  ]));
  if (goods.length === 2) lines.push(`In all ${person.name} paid ${goods[0]?.price} + ${goods[1]?.price} = ${total} coins.`);
  return lines.join(' ');
}

export function townFacts(_world: World, random: Random): string {
  return random.sample([
    `${town.en} is a small town on the river ${town.river}.`,
    `In Chinese ${town.en} is called ${town.zh}, the town of the blue stone.`,
    `The river ${town.river} flows from ${town.mountain} to ${town.lake}.`,
    `${town.mountain} is the highest mountain near ${town.en}.`,
    `On market day farmers come to ${town.en} from all sides.`,
    `The people of ${town.en} speak English and Chinese.`,
    `In winter ${town.lake} freezes and children skate on it.`,
    `The old bridge over the ${town.river} is made of blue stone.`,
    `Boats go down the ${town.river} as far as ${town.lake}.`,
    `${town.zh}在${town.riverZh}旁边。`,
    `${town.zh}是一个小镇。`,
  ], random.int(3, 6)).join(' ');
}
