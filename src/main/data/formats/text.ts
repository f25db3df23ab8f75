/** Plain text: {text}. For continued pre-training and for data that is already rendered. */
import { RowError, type DatasetFormat } from './format.ts';
import { commonFields, textField, writeCommon } from './record-fields.ts';

export const textFormat: DatasetFormat = {
  id: 'text',
  kind: 'text',
  fields: [{ name: 'text', required: true, aliases: ['content', 'body', 'document', 'passage', 'sentence', 'article'] }],
  sniff(record) { return { score: typeof record['text'] === 'string' ? 0.8 : 0, reason: 'a text column' }; },
  read(record) { return { kind: 'text', text: textField(record, 'text'), ...commonFields(record, ['text']) }; },
  write(row) {
    if (row.kind !== 'text') throw new RowError('text', 'Only text rows can be written as text.');
    return { text: row.text, ...writeCommon(row) };
  },
};
