/** {prompt, completion}: text on both sides, or lists of turns on both sides. */
import type { DatasetFormat } from './format.ts';
import { RowError } from './format.ts';
import { commonFields, textField, writeCommon } from './record-fields.ts';
import { readTurns, writeTurns } from './turns.ts';
import { typeName } from './value-type.ts';

const listOrText = (v: unknown): boolean => typeof v === 'string' || Array.isArray(v);

export const promptCompletionFormat: DatasetFormat = {
  id: 'prompt-completion',
  kind: 'prompt-completion',
  fields: [
    { name: 'prompt', required: true, aliases: ['question', 'query', 'input', 'instruction', 'context', 'request', 'source', 'q'] },
    { name: 'completion', required: true, aliases: ['answer', 'response', 'output', 'reply', 'target', 'label', 'result', 'a'] },
  ],
  sniff(record) {
    const score = listOrText(record['prompt']) && listOrText(record['completion']) ? 0.9 : 0;
    return { score, reason: 'prompt and completion' };
  },
  read(record) {
    const common = commonFields(record, ['prompt', 'completion']);
    const { prompt, completion } = record;
    if (Array.isArray(prompt) && Array.isArray(completion)) return { kind: 'prompt-completion', prompt: readTurns(prompt, 'prompt'), completion: readTurns(completion, 'completion'), ...common };
    if (Array.isArray(prompt) || Array.isArray(completion)) {
      const odd = Array.isArray(prompt) ? 'completion' : 'prompt';
      throw new RowError(odd, `Fields "prompt" and "completion" must both be text or both be lists of turns, but "${odd}" is ${typeName(record[odd])}.`);
    }
    return { kind: 'prompt-completion', prompt: textField(record, 'prompt', { empty: true }), completion: textField(record, 'completion'), ...common };
  },
  write(row) {
    if (row.kind !== 'prompt-completion') throw new RowError('prompt', 'Only rows with prompt and completion can be written as prompt and completion.');
    const side = (v: typeof row.prompt): unknown => (typeof v === 'string' ? v : writeTurns(v));
    return { prompt: side(row.prompt), completion: side(row.completion), ...writeCommon(row) };
  },
};
