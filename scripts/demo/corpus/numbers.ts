// Corpus documents with sums, differences, products and short word problems; every result is at most 100.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { capital } from '../world/facts.ts';
import { numberWords } from '../world/words.ts';

export interface Sum {
  readonly a: number;
  readonly b: number;
  readonly sign: '+' | '-' | 'x';
  readonly result: number;
}

export const largestTerm = 30;

export function drawSum(random: Random): Sum {
  const sign = random.pick(['+', '+', '-', '-', 'x'] as const);
  if (sign === 'x') {
    const a = random.int(1, 10);
    const b = random.int(1, 10);
    return { a, b, sign, result: a * b };
  }
  const a = random.int(1, largestTerm);
  const b = random.int(1, largestTerm);
  if (sign === '+') return { a, b, sign, result: a + b };
  return { a: Math.max(a, b), b: Math.min(a, b), sign, result: Math.abs(a - b) };
}

export function statement(random: Random, { a, b, sign, result }: Sum): string {
  const word = { '+': 'plus', '-': 'minus', 'x': 'times' }[sign];
  const forms = [`${a} ${sign} ${b} = ${result}`, `${a} ${sign} ${b} = ${result}`, `${a} ${sign} ${b} is ${result}.`, `${a} ${word} ${b} is ${result}.`, `${a} ${word} ${b} makes ${result}.`];
  if (sign === '+') forms.push(`Adding ${a} and ${b} gives ${result}.`, `The sum of ${a} and ${b} is ${result}.`);
  if (sign === '-') forms.push(`Taking ${b} from ${a} leaves ${result}.`, `The difference of ${a} and ${b} is ${result}.`);
  if (sign === 'x') forms.push(`${capital(numberWords(a))} rows of ${b} make ${result}.`, `The product of ${a} and ${b} is ${result}.`);
  return random.pick(forms);
}

export function sums(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(4, 10); i > 0; i--) lines.push(statement(random, drawSum(random)));
  return lines.join('\n');
}

export function wordProblem(world: World, random: Random): string {
  const sum = drawSum(random);
  const { a, b, sign, result } = sum;
  const person = random.pick(world.people);
  const it = person.she ? 'she' : 'he';
  const thing = random.pick(['apples', 'coins', 'eggs', 'plums', 'candles', 'bowls', 'letters', 'books']);
  if (sign === '+') return `${person.name} had ${a} ${thing} and got ${b} more. Now ${it} has ${result} ${thing}, because ${a} + ${b} = ${result}.`;
  if (sign === '-') return `${person.name} had ${a} ${thing} and gave ${b} away. Now ${it} has ${result} ${thing}, because ${a} - ${b} = ${result}.`;
  return `${person.name} has ${a} baskets with ${b} ${thing} in each. Together that makes ${result} ${thing}, because ${a} x ${b} = ${result}.`;
}

export function ordering(_world: World, random: Random): string {
  const lines: string[] = [];
  for (let i = random.int(2, 4); i > 0; i--) {
    const values = random.sample(Array.from({ length: 60 }, (_, k) => k + 1), random.int(2, 4));
    const sorted = [...values].sort((x, y) => x - y);
    const shown = values.join(', ');
    lines.push(random.pick([
      `Of ${shown} the largest is ${sorted[sorted.length - 1]}.`,
      `Of ${shown} the smallest is ${sorted[0]}.`,
      `From small to large, ${shown} become ${sorted.join(', ')}.`,
      `The numbers ${shown} in order: ${sorted.join(', ')}.`,
    ]));
  }
  return lines.join('\n');
}
