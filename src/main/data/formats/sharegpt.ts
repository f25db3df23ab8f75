/** ShareGPT: {conversations: [{from, value}], system?, tools?}; from is human, gpt, system, function_call, observation or tool. Turns with role and content under `conversations` are read too. */
import type { Message } from '../../../shared/formats.ts';
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { MAX_TURNS, readTurns, writeTurns } from './turns.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'sharegpt';
const ROLES: Readonly<Record<string, string>> = { human: 'user', user: 'user', gpt: 'assistant', assistant: 'assistant', chatgpt: 'assistant', model: 'assistant', function_call: 'assistant', system: 'system', tool: 'tool', observation: 'tool', function: 'tool' };
/** The name that is written for a role; any other is kept in the turn as `from`. */
const NAMES: Readonly<Record<string, string>> = { user: 'human', assistant: 'gpt', system: 'system', tool: 'tool' };

function readTurn(turn: unknown, i: number): Message {
  const where = `Turn ${i + 1} of "conversations"`;
  if (!isRecord(turn)) throw new RowError('conversations', `${where} must be an object with from and value, but is ${typeName(turn)}.`);
  const { from, value, ...rest } = turn;
  if (typeof from !== 'string' || typeof value !== 'string') throw new RowError('conversations', `${where} needs "from" and "value" as text.`);
  if ('role' in rest || 'content' in rest) throw new RowError('conversations', `${where} has both from/value and role/content.`);
  const role = Object.hasOwn(ROLES, from.toLowerCase()) ? ROLES[from.toLowerCase()] : undefined;
  if (role === undefined) throw new RowError('conversations', `${where} is from "${from.slice(0, 30)}"; known are ${Object.keys(ROLES).join(', ')}.`);
  return { ...rest, role, content: value, ...(NAMES[role] === from ? {} : { from }) } as Message;
}

export const sharegptFormat: DatasetFormat = {
  id: 'sharegpt',
  kind: 'messages',
  fields: [{ name: 'conversations', required: true, aliases: ['conversation', 'dialog', 'dialogue', 'turns'] }, { name: 'system', required: false }, { name: 'tools', required: false }],
  sniff(record) {
    const first: unknown = Array.isArray(record['conversations']) ? record['conversations'][0] : undefined;
    if (isRecord(first) && (('from' in first && 'value' in first) || ('role' in first && 'content' in first))) return { score: 1, reason: 'conversations with from and value' };
    return { score: Array.isArray(record['conversations']) ? 0.5 : 0, reason: 'a list called conversations' };
  },
  read(record) {
    const list = record['conversations'];
    const { system } = record;
    if (!Array.isArray(list)) throw new RowError('conversations', list === undefined ? 'Field "conversations" is missing.' : `Field "conversations" must be a list of turns, but is ${typeName(list)}.`);
    if (list.length >= MAX_TURNS) throw new RowError('conversations', `Field "conversations" has ${list.length} turns; the limit is ${MAX_TURNS - 1}.`);
    if (list.length === 0) throw new RowError('conversations', 'Field "conversations" has no turns.');
    if (system !== undefined && system !== null && typeof system !== 'string') throw new RowError('system', `Field "system" must be text, but is ${typeName(system)}.`);
    const byRole = isRecord(list[0]) && 'role' in list[0] && !('from' in list[0]);
    const turns = byRole ? readTurns(list, 'conversations') : list.map(readTurn);
    const shape: JsonRecord = {};
    if (byRole) shape['turns'] = 'role';
    if ('system' in record) shape['system'] = typeof system === 'string' && system !== '' ? true : system;
    const first = shape['system'] === true ? [{ role: 'system', content: String(system) }] : [];
    return { kind: 'messages', messages: [...first, ...turns], ...commonFields(record, ['conversations', 'system'], Object.keys(shape).length > 0 ? { [KEY]: shape } : {}) };
  },
  write(row) {
    if (row.kind !== 'messages') throw new RowError('conversations', 'Only conversations can be written as ShareGPT records.');
    const shape: JsonRecord = isRecord(row.meta?.[KEY]) ? row.meta[KEY] : {};
    const own = shape['system'] === true && row.messages[0]?.role === 'system';
    const turns = own ? row.messages.slice(1) : row.messages;
    const conversations = shape['turns'] === 'role' ? writeTurns(turns) : turns.map((m) => {
      const { role, content, from, ...rest } = m;
      const name = typeof from === 'string' ? from : NAMES[role];
      if (name === undefined || content === null) throw new RowError('conversations', `A ShareGPT record cannot hold ${content === null ? 'a turn of tool calls' : `the role "${role}"`}.`);
      return { from: name, value: content, ...rest };
    });
    const system = own ? { system: row.messages[0]?.content } : 'system' in shape ? { system: shape['system'] } : {};
    return { conversations, ...system, ...writeCommon(row, [KEY]) };
  },
};
