/** Alpaca: {instruction, input, output, system?, history?: [[user, assistant]]}. The user turn is the instruction, then an empty line and the input where there is one. */
import type { Message } from '../../../shared/formats.ts';
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { commonFields, textField, writeCommon } from './record-fields.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'alpaca';
const USED = ['instruction', 'input', 'output', 'system', 'history'];

function history(value: unknown): Message[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new RowError('history', `Field "history" must be a list of [user, assistant] pairs, but is ${typeName(value)}.`);
  return value.flatMap((pair: unknown, i): Message[] => {
    const [user, assistant] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
    if (typeof user !== 'string' || typeof assistant !== 'string') throw new RowError('history', `Entry ${i + 1} of "history" must be a pair of texts.`);
    return [{ role: 'user', content: user }, { role: 'assistant', content: assistant }];
  });
}

export const alpacaFormat: DatasetFormat = {
  id: 'alpaca',
  kind: 'messages',
  fields: [
    { name: 'instruction', required: true, aliases: ['question', 'query', 'prompt', 'task'] },
    { name: 'input', required: false, aliases: ['context'] },
    { name: 'output', required: true, aliases: ['answer', 'response', 'completion', 'reply'] },
    { name: 'system', required: false },
    { name: 'history', required: false },
  ],
  sniff(record) {
    if (typeof record['instruction'] !== 'string' || typeof record['output'] !== 'string') return { score: 0, reason: 'instruction and output' };
    return { score: 'input' in record ? 1 : 0.95, reason: 'instruction, input and output' };
  },
  read(record) {
    const instruction = textField(record, 'instruction');
    const output = textField(record, 'output');
    const { input, system } = record;
    if (input !== undefined && input !== null && typeof input !== 'string') throw new RowError('input', `Field "input" must be text, but is ${typeName(input)}.`);
    if (system !== undefined && system !== null && typeof system !== 'string') throw new RowError('system', `Field "system" must be text, but is ${typeName(system)}.`);
    const messages: Message[] = [
      ...(typeof system === 'string' && system !== '' ? [{ role: 'system', content: system }] : []), ...history(record['history']),
      { role: 'user', content: typeof input === 'string' && input !== '' ? `${instruction}\n\n${input}` : instruction }, { role: 'assistant', content: output },
    ];
    // The parts of the record that the messages do not show: which text was the input, which empty fields were there.
    const shape: JsonRecord = {};
    for (const k of ['input', 'system', 'history']) if (k in record) shape[k] = k === 'input' || record[k] === '' || record[k] === null || (Array.isArray(record[k]) && record[k].length === 0) ? record[k] : true;
    return { kind: 'messages', messages, ...commonFields(record, USED, { [KEY]: shape }) };
  },
  write(row) {
    if (row.kind !== 'messages') throw new RowError('instruction', 'Only conversations can be written as Alpaca records.');
    const turns = [...row.messages];
    const system = turns[0]?.role === 'system' ? turns.shift() : undefined;
    const answer = turns.pop();
    const ask = turns.pop();
    const bad = turns.some((t, i) => t.role !== (i % 2 ? 'assistant' : 'user') || t.content === null) || turns.length % 2 !== 0;
    if (bad || ask?.role !== 'user' || answer?.role !== 'assistant' || typeof ask.content !== 'string' || typeof answer.content !== 'string') throw new RowError('instruction', 'An Alpaca record needs user and assistant turns in alternation.');
    const stored = row.meta?.[KEY];
    const shape: JsonRecord = isRecord(stored) ? stored : {};
    const input = shape['input'];
    const split = typeof input === 'string' && input !== '' && ask.content.endsWith(`\n\n${input}`);
    const out: JsonRecord = { instruction: split ? ask.content.slice(0, -(input.length + 2)) : ask.content };
    if ('input' in shape) out['input'] = split || input === null ? input : '';
    else if (!isRecord(stored)) out['input'] = '';
    out['output'] = answer.content;
    if (system) out['system'] = system.content; else if ('system' in shape) out['system'] = shape['system'];
    if (turns.length > 0) out['history'] = Array.from({ length: turns.length / 2 }, (_, i) => [turns[2 * i]?.content, turns[2 * i + 1]?.content]);
    else if ('history' in shape) out['history'] = shape['history'];
    return { ...out, ...writeCommon(row, [KEY]) };
  },
};
