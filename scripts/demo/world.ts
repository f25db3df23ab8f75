// The demo world: the town of Qingshi (青石镇) on the river Mell, its people, places and goods, all drawn from one seed.

import { seeded } from './random.ts';
import type { Person } from './world/people.ts';
import { makePeople } from './world/people.ts';
import type { Good, Place } from './world/places.ts';
import { makeGoods, makePlaces } from './world/places.ts';

/** The seed of everything in resources/demo. */
export const worldSeed = 20251122;

export const town = { en: 'Qingshi', zh: '青石镇', river: 'Mell', riverZh: '梅尔河', mountain: 'Mount Hul', lake: 'Lake Sarn' } as const;

export interface World {
  readonly people: readonly Person[];
  readonly places: readonly Place[];
  readonly goods: readonly Good[];
  person(name: string): Person;
  place(name: string): Place;
}

export function makeWorld(seed: number = worldSeed): World {
  const people = makePeople(seeded(seed, 'people'));
  const places = makePlaces(seeded(seed, 'places'), people);
  const goods = makeGoods(seeded(seed, 'goods'), places);
  const byName = new Map(people.map((person) => [person.name, person]));
  const placeByName = new Map(places.map((place) => [place.name, place]));
  return {
    people,
    places,
    goods,
    person: (name) => {
      const found = byName.get(name);
      if (!found) throw new RangeError(`no person named ${name}`);
      return found;
    },
    place: (name) => {
      const found = placeByName.get(name);
      if (!found) throw new RangeError(`no place named ${name}`);
      return found;
    },
  };
}
