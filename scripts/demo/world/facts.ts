// Every fact kind of the demo world as one object: how the corpus states it, and how the instruction data asks for it.
// Marks: {S} subject opening a sentence, {n} subject inside one, {P} {p} its possessive, {v} the value, {a} the value with an article.

import type { World } from '../world.ts';
import { withArticle } from './nouns.ts';

export interface FactKind {
  readonly id: string;
  readonly group: 'person' | 'place' | 'good';
  readonly statements: readonly string[];
  readonly questions: readonly string[];
  /** A claim that can be true or false, after "Is it true that ...". */
  readonly claim: string;
}

export interface Fact {
  readonly kind: FactKind;
  readonly subject: string;
  readonly value: string;
}

export const factKinds: readonly FactKind[] = [
  {
    id: 'job', group: 'person',
    statements: ['{S} is {a}.', '{S} works as {a}.', '{P} job is {v}.', '{S} earns a living as {a}.', '{S} has been {a} for many years.', 'By trade, {n} is {a}.', '{P} trade is that of {a}.'],
    questions: ["What is {N}'s job?", 'What does {N} do for a living?', 'Which trade does {N} have?'],
    claim: '{n} is {a}',
  },
  {
    id: 'street', group: 'person',
    statements: ['{S} lives in {v}.', '{P} home is in {v}.', '{P} house stands in {v}.', '{S} has a small house in {v}.', 'You will find {p} home in {v}.', '{P} address is {v}.'],
    questions: ['Where does {N} live?', "In which street is {N}'s home?", "What is {N}'s address?"],
    claim: '{n} lives in {v}',
  },
  {
    id: 'pet', group: 'person',
    statements: ['{S} keeps {a}.', '{P} pet is {a}.', '{S} has {a} as a pet.', '{S} looks after {a}.', 'The animal that {n} keeps is {a}.', 'At home {n} keeps {a}.'],
    questions: ['Which animal does {N} keep?', "What is {N}'s pet?", 'What animal does {N} have as a pet?'],
    claim: '{n} keeps {a}',
  },
  {
    id: 'food', group: 'person',
    statements: ['{P} favourite food is {v}.', '{S} likes to eat {v}.', '{S} likes {v} best of all food.', 'Most of all {n} likes to eat {v}.', 'For supper {n} wants {v}.', '{P} favourite dish is {v}.'],
    questions: ["What is {N}'s favourite food?", 'What does {N} like to eat?', 'Which food does {N} like best?'],
    claim: '{n} likes to eat {v}',
  },
  {
    id: 'colour', group: 'person',
    statements: ['{P} favourite colour is {v}.', '{S} likes the colour {v}.', '{S} mostly wears {v}.', 'Of all colours {n} likes {v} best.', '{P} coat is {v}.'],
    questions: ["What is {N}'s favourite colour?", 'Which colour does {N} like best?', 'Which colour does {N} like?'],
    claim: '{n} likes the colour {v}',
  },
  {
    id: 'month', group: 'person',
    statements: ['{S} was born in {v}.', '{P} birthday is in {v}.', 'Every {v} {n} has a birthday.', '{S} has a birthday in {v}.', 'The month of {p} birth is {v}.'],
    questions: ['In which month was {N} born?', "When is {N}'s birthday?", 'Which month is the birthday of {N} in?'],
    claim: '{n} was born in {v}',
  },
  {
    id: 'hobby', group: 'person',
    statements: ['{P} hobby is {v}.', '{S} enjoys {v}.', 'In the evening {n} enjoys {v}.', '{S} spends free hours on {v}.', '{P} favourite pastime is {v}.'],
    questions: ["What is {N}'s hobby?", 'What does {N} enjoy?', 'Which pastime does {N} enjoy?'],
    claim: '{n} enjoys {v}',
  },
  {
    id: 'dayOff', group: 'person',
    statements: ['{S} does not work on {v}.', '{P} day off is {v}.', 'On {v} {n} rests.', '{S} rests on {v}.', '{P} free day is {v}.'],
    questions: ["Which day is {N}'s day off?", 'On which day does {N} rest?', 'Which day of the week is free for {N}?'],
    claim: '{n} rests on {v}',
  },
  {
    id: 'friend', group: 'person',
    statements: ['{P} best friend is {v}.', '{S} often visits {v}, a good friend.', '{S} is best friends with {v}.', 'The best friend of {n} is {v}.', '{S} trusts {v} more than anyone, for they are best friends.'],
    questions: ["Who is {N}'s best friend?", 'Who is the best friend of {N}?', 'Which friend does {N} trust most?'],
    claim: 'the best friend of {n} is {v}',
  },
  {
    id: 'placeStreet', group: 'place',
    statements: ['{S} is in {v}.', '{S} stands in {v}.', 'You will find {n} in {v}.', 'The address of {n} is {v}.', 'To reach {n}, go to {v}.'],
    questions: ['Where is {N}?', 'In which street is {N}?', 'What is the address of {N}?'],
    claim: '{n} is in {v}',
  },
  {
    id: 'keeper', group: 'place',
    statements: ['{S} is kept by {v}.', 'The keeper of {n} is {v}.', '{v} is in charge of {n}.', '{v} runs {n}.', '{v} has the key of {n}.', '{S} is run by {v}.'],
    questions: ['Who runs {N}?', 'Who is the keeper of {N}?', 'Who has the key of {N}?'],
    claim: '{v} runs {n}',
  },
  {
    id: 'closedDay', group: 'place',
    statements: ['{S} is closed on {v}.', 'On {v} {n} is closed.', 'Nobody can visit {n} on {v}.', 'The closing day of {n} is {v}.', '{S} does not open on {v}.'],
    questions: ['On which day is {N} closed?', 'What is the closing day of {N}?', 'On which day of the week does {N} not open?'],
    claim: '{n} is closed on {v}',
  },
  {
    id: 'doorColour', group: 'place',
    statements: ['The door of {n} is {v}.', '{S} has a {v} door.', 'Look for the {v} door of {n}.', 'The colour of the door of {n} is {v}.'],
    questions: ['What colour is the door of {N}?', 'Which colour has the door of {N}?', 'What is the colour of the door of {N}?'],
    claim: 'the door of {n} is {v}',
  },
  {
    id: 'price', group: 'good',
    statements: ['{S} costs {v} coins.', 'The price of {n} is {v} coins.', 'You pay {v} coins for {n}.', 'For {n} the shop asks {v} coins.', 'In Qingshi {n} costs {v} coins.'],
    questions: ['How many coins does {N} cost?', 'What is the price of {N} in coins?', 'How many coins do you pay for {N}?'],
    claim: '{n} costs {v} coins',
  },
  {
    id: 'seller', group: 'good',
    statements: ['{S} is sold at the {v}.', 'You can buy {n} at the {v}.', 'The {v} sells {n}.', 'Whoever needs {n} goes to the {v}.'],
    questions: ['Where can you buy {N}?', 'Which place sells {N}?', 'Where is {N} sold?'],
    claim: 'the {v} sells {n}',
  },
];

export function factKind(id: string): FactKind {
  const kind = factKinds.find((candidate) => candidate.id === id);
  if (!kind) throw new RangeError(`no fact kind ${id}`);
  return kind;
}

export function allFacts(world: World): Fact[] {
  const facts: Fact[] = [];
  for (const person of world.people) {
    for (const id of ['job', 'street', 'pet', 'food', 'colour', 'month', 'hobby', 'dayOff', 'friend'] as const) {
      facts.push({ kind: factKind(id), subject: person.name, value: person[id] });
    }
  }
  for (const place of world.places) {
    const subject = `the ${place.name}`;
    facts.push({ kind: factKind('placeStreet'), subject, value: place.street });
    facts.push({ kind: factKind('keeper'), subject, value: place.keeper });
    facts.push({ kind: factKind('closedDay'), subject, value: place.closedDay });
    facts.push({ kind: factKind('doorColour'), subject, value: place.doorColour });
  }
  for (const good of world.goods) {
    facts.push({ kind: factKind('price'), subject: withArticle(good.name), value: String(good.price) });
    facts.push({ kind: factKind('seller'), subject: withArticle(good.name), value: good.place });
  }
  return facts;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Fills a template: the subject is the fact's own, or "he", "she" or "it" where a pronoun is asked for. */
export function fill(template: string, fact: Fact, pronoun: 'he' | 'she' | 'it' | null = null): string {
  const possessives = { he: 'his', she: 'her', it: 'its' } as const;
  const subject = pronoun ?? fact.subject;
  const possessive = pronoun ? possessives[pronoun] : `${fact.subject}'s`;
  return template
    .replaceAll('{S}', capital(subject))
    .replaceAll('{n}', subject)
    .replaceAll('{N}', fact.subject)
    .replaceAll('{P}', capital(possessive))
    .replaceAll('{p}', possessive)
    .replaceAll('{v}', fact.value)
    .replaceAll('{a}', withArticle(fact.value));
}
