/** Fields of formats that compare or judge answers: text or turns on all sides, and the prompt that two answers share when none is given (TRL's rules; spec/alignment.md 2). */
import { isDeepStrictEqual } from 'node:util';
import type { Message } from '../../../shared/formats.ts';
import { RowError, type JsonRecord } from './format.ts';
import { isNamed, readNamedTurns, writeNamedTurns } from './named-turns.ts';
import { textField } from './record-fields.ts';
import { readTurns, writeTurns } from './turns.ts';
import { isRecord, typeName } from './value-type.ts';

export type Side = string | Message[];
/** Names that people give to the prompt of an answer. */
export const PROMPT_ALIASES = ['question', 'instruction', 'query', 'input', 'context', 'request', 'user', 'q'] as const;

/** How a side was written, for the way back; undefined: as text or as a list of {role, content}. */
type Style = 'turn' | 'named' | 'named turn' | undefined;
export function styleOf(value: unknown): Style {
  if (isNamed(value)) return Array.isArray(value) ? 'named' : 'named turn';
  return isRecord(value) ? 'turn' : undefined;
}

/** Is it text, a list, or one turn? */
export const isSide = (value: unknown): boolean => typeof value === 'string' || Array.isArray(value) || (isRecord(value) && ('role' in value || isNamed(value)));

/** Text, a list of turns, or one turn alone; turns as {role, content} or as ShareGPT's {from, value}. An empty answer is read: the review before a run says what is wrong with it. */
export function readSide(record: JsonRecord, field: string): Side {
  const value = record[field], style = styleOf(value);
  if (style === 'named' || style === 'named turn') return readNamedTurns(Array.isArray(value) ? value : [value], field);
  if (Array.isArray(value)) return readTurns(value, field);
  if (isRecord(value) && 'role' in value) return readTurns([value], field);
  if (value !== undefined && typeof value !== 'string') throw new RowError(field, `Field "${field}" must be text or a list of turns, but is ${typeName(value)}.`);
  return textField(record, field, { empty: true });
}

/** A side as it was read. */
export function writeSide(side: string | readonly Message[], field: string, style?: unknown): unknown {
  if (typeof side === 'string') return side;
  const turns = style === 'named' || style === 'named turn' ? writeNamedTurns(side, field) : writeTurns(side);
  return style === 'turn' || style === 'named turn' ? turns[0] : turns;
}

/** Sides of one kind: text answers to a conversation become an assistant's turn. Throws RowError where turns answer a text. */
export function asAnswer(prompt: Side, answer: Side, field: string): Side {
  if (typeof prompt === 'string' && typeof answer !== 'string') throw new RowError(field, `Field "prompt" is text, but "${field}" is a list of turns; both must be text or both turns.`);
  return typeof prompt !== 'string' && typeof answer === 'string' ? [{ role: 'assistant', content: answer }] : answer;
}

/** Length of what two answers begin with together: turns, or characters (a space before the first difference belongs to the answers). At least one turn is left to each conversation. */
export function sharedLength(a: Side, b: Side): number {
  if (typeof a === 'string' && typeof b === 'string') {
    const most = Math.min(a.length, b.length);
    let n = 0;
    while (n < most && a[n] === b[n]) n++;
    if (n > 0 && a[n - 1] === ' ') n--;
    // Not within a surrogate pair.
    return n > 0 && /[\uD800-\uDBFF]/.test(a[n - 1] ?? '') ? n - 1 : n;
  }
  if (typeof a === 'string' || typeof b === 'string') return 0;
  const most = Math.min(a.length, b.length) - 1;
  let n = 0;
  while (n < most && isDeepStrictEqual(a[n], b[n])) n++;
  return n;
}
