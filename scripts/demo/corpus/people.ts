// Corpus documents about people: biographies, registers, groups with a common value, comparisons, corrections, questions in dialogue.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { town } from '../world.ts';
import type { Fact } from '../world/facts.ts';
import { allFacts, capital, fill } from '../world/facts.ts';
import type { Person } from '../world/people.ts';
import { joinAnd } from './join.ts';

const factsOf = new WeakMap<World, Map<string, Fact[]>>();

/** The facts of a world grouped by their subject. */
export function subjectFacts(world: World): Map<string, Fact[]> {
  let map = factsOf.get(world);
  if (!map) {
    map = new Map();
    for (const fact of allFacts(world)) {
      const list = map.get(fact.subject) ?? [];
      list.push(fact);
      map.set(fact.subject, list);
    }
    factsOf.set(world, map);
  }
  return map;
}

function pronounOf(person: Person): 'he' | 'she' {
  return person.she ? 'she' : 'he';
}

export function personFacts(world: World, person: Person): Fact[] {
  return subjectFacts(world).get(person.name) ?? [];
}

/** "..., asked ..." needs a template that mentions its subject; a pronoun is safe once the name was said and while no other name is a value. */
export function biography(world: World, random: Random): string {
  const person = random.pick(world.people);
  const facts = random.sample(personFacts(world, person), random.int(3, 9));
  const sentences = facts.map((fact, i) => {
    const usePronoun = i > 0 && facts[i - 1]?.kind.id !== 'friend' && random.chance(35);
    return fill(random.pick(fact.kind.statements), fact, usePronoun ? pronounOf(person) : null);
  });
  const opening = random.pick(['', '', '', `${person.name} of ${town.en}. `, `About ${person.name}. `, `${person.name}\n`]);
  return opening + sentences.join(' ');
}

const labels: Record<string, string> = {
  job: 'Job', street: 'Home', pet: 'Pet', food: 'Favourite food', colour: 'Favourite colour', month: 'Birthday', hobby: 'Hobby', dayOff: 'Day off', friend: 'Best friend',
};

export function registerEntry(world: World, random: Random): string {
  const people = random.sample(world.people, random.int(1, 3));
  const blocks = people.map((person) => {
    const facts = random.sample(personFacts(world, person), random.int(3, 6));
    return [`Name: ${person.name}`, ...facts.map((fact) => `${labels[fact.kind.id]}: ${capital(fact.value)}`)].join('\n');
  });
  return `${random.pick([`Register of ${town.en}`, 'From the town register', 'Town records'])}\n${blocks.join('\n\n')}`;
}

export function groups(world: World, random: Random): string {
  const attribute = random.pick(['job', 'street', 'pet', 'food', 'colour', 'month', 'hobby', 'dayOff'] as const);
  const person = random.pick(world.people);
  const value = person[attribute];
  const names = random.shuffle(world.people.filter((other) => other[attribute] === value).map((other) => other.name));
  const list = joinAnd(names);
  const many = names.length > 1;
  const who: Record<typeof attribute, string> = {
    job: many ? `${list} all have the same job: ${value}.` : `${list} is the only ${value} in town.`,
    street: `The people of ${value} are ${list}.`,
    pet: `In ${town.en} a ${value} is kept by ${list}.`,
    food: `${capital(value)} is the favourite food of ${list}.`,
    colour: `${capital(value)} is the favourite colour of ${list}.`,
    month: `${value} is the month of birth of ${list}.`,
    hobby: `${capital(value)} is the hobby of ${list}.`,
    dayOff: `On ${value} ${list} ${many ? 'rest' : 'rests'}.`,
  };
  return who[attribute];
}

export function comparison(world: World, random: Random): string {
  const sentences: string[] = [];
  for (let i = random.int(2, 4); i > 0; i--) {
    const [one, two] = random.sample(world.people, 2) as [Person, Person];
    const index = random.below(9);
    const first = personFacts(world, one)[index] as Fact;
    const second = personFacts(world, two)[index] as Fact;
    const template = random.pick(first.kind.statements.filter((s) => s.startsWith('{S}') || s.startsWith('{P}')));
    const a = fill(template, first).replace(/\.$/, '');
    const b = fill(template, second);
    sentences.push(random.pick([`${a}, but ${b}`, `${a}, while ${b}`, `${a} and ${b}`, `${a}; ${b}`]));
  }
  return sentences.join(' ');
}

/** Claims with their truth: "Some say that Mara is a baker. That is true." */
export function rumours(world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(2, 5); i > 0; i--) {
    const facts = [...subjectFacts(world).values()];
    const fact = random.pick(random.pick(facts));
    const same = facts.map((list) => list.find((other) => other.kind === fact.kind)).filter((other) => other !== undefined);
    const truth = random.chance(50);
    const other = truth ? fact : random.pick(same.filter((candidate) => candidate.value !== fact.value));
    const claim = fill(fact.kind.claim, { ...fact, value: other.value });
    const right = fill(random.pick(fact.kind.statements), fact);
    lines.push(
      truth
        ? random.pick([`Is it true that ${claim}? Yes, it is true. ${right}`, `Some say that ${claim}. Yes, that is true. ${right}`, `True or false: ${claim}. True. ${right}`])
        : random.pick([`Is it true that ${claim}? No, it is not true. ${right}`, `Some say that ${claim}. No, that is not true. ${right}`, `True or false: ${claim}. False. ${right}`]),
    );
  }
  return lines.join('\n');
}

/** Two people of the town talk about others. */
export function gossip(world: World, random: Random): string {
  const [asker, teller] = random.sample(world.people, 2) as [Person, Person];
  const lines = [`${asker.name} met ${teller.name} in ${random.pick(world.people).street}.`];
  for (let i = random.int(1, 4); i > 0; i--) {
    const about = random.pick(world.people.filter((person) => person !== asker && person !== teller));
    const fact = random.pick(personFacts(world, about));
    const said = fill(random.pick(fact.kind.statements), fact).replace(/\.$/, '');
    lines.push(random.pick([
      `"Tell me about ${about.name}," said ${asker.name}. "${said}," said ${teller.name}.`,
      `"Do you know ${about.name}?" asked ${asker.name}. "Of course. ${said}," answered ${teller.name}.`,
      `"${said}," said ${teller.name}. "I did not know that," said ${asker.name}.`,
      `${teller.name} told ${asker.name} about ${about.name}. "${said}."`,
    ]));
  }
  return lines.join(' ');
}
