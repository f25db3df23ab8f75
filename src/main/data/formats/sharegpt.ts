/** ShareGPT: {conversations: [{from, value}], system?, tools?}; from is human, gpt, system, function_call, observation or tool. Turns with role and content under `conversations` are read too. */
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { readNamedTurns, writeNamedTurns } from './named-turns.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { MAX_TURNS, readTurns, writeTurns } from './turns.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'sharegpt';

export const sharegptFormat: DatasetFormat = {
  id: 'sharegpt',
  kind: 'messages',
  fields: [{ name: 'conversations', required: true, aliases: ['conversation', 'dialog', 'dialogue', 'turns'] }, { name: 'system', required: false }, { name: 'tools', required: false }],
  sniff(record) {
    // Conversations with two answers to their end are pairs (preference.ts).
    if ('chosen' in record && 'rejected' in record) return { score: 0.5, reason: 'a list called conversations' };
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
    const turns = byRole ? readTurns(list, 'conversations') : readNamedTurns(list, 'conversations');
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
    const conversations = shape['turns'] === 'role' ? writeTurns(turns) : writeNamedTurns(turns, 'conversations');
    const system = own ? { system: row.messages[0]?.content } : 'system' in shape ? { system: shape['system'] } : {};
    return { conversations, ...system, ...writeCommon(row, [KEY]) };
  },
};
