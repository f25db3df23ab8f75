// Shops and houses of the town, and the goods on sale with their prices, drawn once from the seed.

import type { Random } from '../random.ts';
import type { Person } from './people.ts';
import { streets } from './people.ts';
import { colours, days } from './words.ts';

export interface Place {
  readonly name: string;
  readonly zh: string;
  readonly street: string;
  /** The name of the person who keeps it. */
  readonly keeper: string;
  readonly closedDay: string;
  readonly doorColour: string;
}

export type PlaceAttribute = 'street' | 'keeper' | 'closedDay' | 'doorColour';
export const placeAttributes: readonly PlaceAttribute[] = ['street', 'keeper', 'closedDay', 'doorColour'];

export interface Good {
  readonly name: string;
  /** In coins. */
  readonly price: number;
  /** The name of the place that sells it. */
  readonly place: string;
}

const names = (
  'bakery=面包店,mill=磨坊,school=学校,hospital=医院,library=图书馆,post office=邮局,town hall=镇政府,theatre=剧院,museum=博物馆,inn=客栈,tea house=茶馆,bookshop=书店,' +
  'fish market=鱼市,pottery=陶器店,smithy=铁匠铺,tailor shop=裁缝店,pharmacy=药店,toy shop=玩具店,flower shop=花店,bathhouse=澡堂,print shop=印刷店,music shop=乐器店,' +
  'dairy=奶品店,boathouse=船屋'
).split(',');

const goods = 'loaf lamp teapot coat hat kite violin candle basket knife ladder blanket mirror clock kettle vase scarf boot drum flute saw hammer bicycle pillow'.split(' ');

export function makePlaces(random: Random, people: readonly Person[]): Place[] {
  const keepers = random.sample(people, names.length);
  const colourDeck = [...random.shuffle(colours), ...random.shuffle(colours)];
  const streetDeck = [...random.shuffle(streets), ...random.shuffle(streets)];
  return names.map((entry, i) => {
    const [name, zh] = entry.split('=') as [string, string];
    return {
      name,
      zh,
      street: streetDeck[i]?.en ?? '',
      keeper: keepers[i]?.name ?? '',
      closedDay: random.pick(days).en,
      doorColour: colourDeck[i]?.en ?? '',
    };
  });
}

export function makeGoods(random: Random, places: readonly Place[]): Good[] {
  const shops = places.filter((place) => /shop|bakery|market|pottery|smithy|dairy|house$/.test(place.name));
  const prices = random.sample(Array.from({ length: 60 }, (_, i) => i + 3), goods.length);
  return goods.map((name, i) => ({ name, price: prices[i] ?? 1, place: random.pick(shops).name }));
}
