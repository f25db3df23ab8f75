/** Turns as ShareGPT writes them, {from, value}, to canonical messages and back. A name that is not the usual one of its role is kept in the message as `from`. */
import type { Message } from '../../../shared/formats.ts';
import { RowError, type JsonRecord } from './format.ts';
import { MAX_TURNS } from './turns.ts';
import { isRecord, typeName } from './value-type.ts';

const ROLES: Readonly<Record<string, string>> = { human: 'user', user: 'user', gpt: 'assistant', assistant: 'assistant', chatgpt: 'assistant', model: 'assistant', function_call: 'assistant', system: 'system', tool: 'tool', observation: 'tool', function: 'tool' };
/** The name that is written for a role. */
const NAMES: Readonly<Record<string, string>> = { user: 'human', assistant: 'gpt', system: 'system', tool: 'tool' };

/** Is it a turn of this kind, or a list that begins with one? */
export function isNamed(value: unknown): boolean {
  const turn: unknown = Array.isArray(value) ? value[0] : value;
  return isRecord(turn) && 'from' in turn && 'value' in turn && !('role' in turn);
}

/** Canonical messages of a list. `field` stands in errors, which count turns from 1. */
export function readNamedTurns(list: readonly unknown[], field: string): Message[] {
  if (list.length > MAX_TURNS) throw new RowError(field, `Field "${field}" has ${list.length} turns; the limit is ${MAX_TURNS}.`);
  return list.map((turn, i) => readNamedTurn(turn, `Turn ${i + 1} of "${field}"`, field));
}

function readNamedTurn(turn: unknown, where: string, field: string): Message {
  if (!isRecord(turn)) throw new RowError(field, `${where} must be an object with from and value, but is ${typeName(turn)}.`);
  const { from, value, ...rest } = turn;
  if (typeof from !== 'string' || typeof value !== 'string') throw new RowError(field, `${where} needs "from" and "value" as text.`);
  if ('role' in rest || 'content' in rest) throw new RowError(field, `${where} has both from/value and role/content.`);
  const role = Object.hasOwn(ROLES, from.toLowerCase()) ? ROLES[from.toLowerCase()] : undefined;
  if (role === undefined) throw new RowError(field, `${where} is from "${from.slice(0, 30)}"; known are ${Object.keys(ROLES).join(', ')}.`);
  return { ...rest, role, content: value, ...(NAMES[role] === from ? {} : { from }) } as Message;
}

/** Turns as they were read; RowError for a turn that has no name or no text. */
export function writeNamedTurns(messages: readonly Message[], field: string): JsonRecord[] {
  return messages.map(({ role, content, from, ...rest }) => {
    const name = typeof from === 'string' ? from : NAMES[role];
    if (name === undefined || content === null) throw new RowError(field, `A ShareGPT record cannot hold ${content === null ? 'a turn of tool calls' : `the role "${role}"`}.`);
    return { from: name, value: content, ...rest };
  });
}
