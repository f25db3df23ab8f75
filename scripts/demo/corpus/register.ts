// Corpus documents about manners: the same wish said rudely and politely, and short scenes in both registers.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { capital } from '../world/facts.ts';
import { portable } from '../world/nouns.ts';
import { colours } from '../world/words.ts';
import { jobs } from '../world/people.ts';

/** A wish as a bare verb phrase: "bring me the red lamp". */
export function drawWish(random: Random): string {
  const thing = random.chance(40) ? `${random.pick(colours).en} ${random.pick(portable).en}` : random.pick(portable).en;
  const job = random.pick(jobs).en;
  return random.pick([
    `bring me the ${thing}`, `give me the ${thing}`, `pass the ${thing}`, `sell me the ${thing}`, `show me the ${thing}`, `clean the ${thing}`, `fetch the ${thing}`,
    `carry the ${thing}`, `take the ${thing} away`, `put the ${thing} down`, `give the ${thing} back`, `hand the ${thing} to the ${job}`, `call the ${job}`, `help the ${job}`,
    `wait for the ${job}`, `tell the ${job} about the ${thing}`, `look for the ${thing}`, `open the door`, `close the window`, `be quiet`, `move over`, `wait outside`,
    `speak up`, `come back later`,
  ]);
}

const rudeForms: readonly ((wish: string) => string)[] = [
  (wish) => `${capital(wish)}, you fool!`,
  (wish) => `Hey you, ${wish}!`,
  (wish) => `${capital(wish)} right now!`,
  (wish) => `Oi! ${capital(wish)} at once!`,
  (wish) => `Are you deaf? ${capital(wish)}!`,
  (wish) => `Stop dreaming and ${wish}!`,
  (wish) => `${capital(wish)}, and hurry up!`,
];

export function rude(random: Random, wish: string): string {
  return random.pick(rudeForms)(wish);
}

export function polite(wish: string): string {
  return `Could you please ${wish}?`;
}

export function mannersPairs(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(1, 4); i > 0; i--) {
    const wish = drawWish(random);
    const bad = rude(random, wish);
    const good = polite(wish);
    lines.push(random.pick([
      `Rude: ${bad}\nPolite: ${good}`,
      `It is rude to say "${bad}" It is polite to say "${good}"`,
      `Instead of "${bad}" say "${good}"`,
      `"${bad}" is rude. "${good}" is polite.`,
      `A rude person says: ${bad} A polite person says: ${good}`,
      `"${bad}" said politely is "${good}"`,
    ]));
  }
  return lines.join('\n');
}

export function scene(world: World, random: Random): string {
  const [one, two] = random.sample(world.people, 2) as [World['people'][number], World['people'][number]];
  const wish = drawWish(random);
  const place = random.pick(world.places).name;
  if (random.chance(50)) {
    return `${one.name} met ${two.name} at the ${place}. "${polite(wish)}" said ${one.name}. "${random.pick(['With pleasure', 'Of course', 'Gladly', 'Certainly'])}," said ${two.name}. ` +
      random.pick([`"Thank you, you are very kind," said ${one.name}.`, `They wished each other a good day.`, `"Thank you," said ${one.name}, and both smiled.`]);
  }
  return `${one.name} met ${two.name} at the ${place}. "${rude(random, wish)}" shouted ${one.name}. ` +
    random.pick([
      `"Ask me politely," said ${two.name}. "I am sorry. ${polite(wish)}" said ${one.name}.`,
      `"That was rude," said ${two.name}, and walked away.`,
      `${two.name} shook ${two.she ? 'her' : 'his'} head. "In this town we say: ${polite(wish)}"`,
    ]);
}
