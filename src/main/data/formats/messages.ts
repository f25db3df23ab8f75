/** OpenAI / Hugging Face conversations: {messages: [{role, content}], tools?}. */
import type { DatasetFormat } from './format.ts';
import { RowError } from './format.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { readTurns, writeTurns } from './turns.ts';
import { isRecord } from './value-type.ts';

export const messagesFormat: DatasetFormat = {
  id: 'messages',
  kind: 'messages',
  fields: [{ name: 'messages', required: true, aliases: ['conversation', 'dialog', 'dialogue', 'chat', 'turns', 'history'] }, { name: 'tools', required: false }],
  sniff(record) {
    const first: unknown = Array.isArray(record['messages']) ? record['messages'][0] : undefined;
    if (isRecord(first) && 'role' in first) return { score: 1, reason: 'messages with role and content' };
    return { score: Array.isArray(record['messages']) ? 0.5 : 0, reason: 'a list called messages' };
  },
  read(record) {
    return { kind: 'messages', messages: readTurns(record['messages'], 'messages'), ...commonFields(record, ['messages']) };
  },
  write(row) {
    if (row.kind !== 'messages') throw new RowError('messages', 'Only conversations can be written as messages.');
    return { messages: writeTurns(row.messages), ...writeCommon(row) };
  },
};
