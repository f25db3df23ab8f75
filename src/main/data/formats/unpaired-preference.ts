/** Judged answers: {prompt, completion, label}, text or turns ({role, content} or ShareGPT's {from, value}). The label may be true or false, 1 or 0, or a word or thumb for them; `meta.unpaired_preference` remembers how it was written. */
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { asAnswer, isSide, PROMPT_ALIASES, readSide, styleOf, writeSide } from './answers.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'unpaired_preference';
const GOOD = new Set(['true', '1', '1.0', '+1', 'yes', 'good', 'desirable', 'chosen', 'accepted', 'positive', 'like', 'liked', 'up', 'thumbsup', '👍']);
const BAD = new Set(['false', '0', '0.0', '-1', 'no', 'bad', 'undesirable', 'rejected', 'negative', 'dislike', 'disliked', 'down', 'thumbsdown', '👎']);

/** null: not a judgement. Skin tones of a thumb mean nothing. */
function judgement(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const word = String(value).trim().toLowerCase().replaceAll(/[\u{1F3FB}-\u{1F3FF}]/gu, '').replaceAll('\uFE0F', '').replaceAll(/[\s_-]+(?=[a-z])/g, '').replaceAll(':', '');
  return GOOD.has(word) ? true : BAD.has(word) ? false : null;
}

export const unpairedPreferenceFormat: DatasetFormat = {
  id: 'unpaired-preference',
  kind: 'unpaired-preference',
  fields: [
    { name: 'prompt', required: true, aliases: PROMPT_ALIASES },
    { name: 'completion', required: true, aliases: ['answer', 'response', 'output', 'reply', 'a'] },
    { name: 'label', required: true, aliases: ['rating', 'thumb', 'thumbs', 'feedback', 'vote', 'liked', 'desirable', 'judgement', 'judgment'] },
  ],
  sniff(record) {
    return { score: isSide(record['prompt']) && isSide(record['completion']) && judgement(record['label']) !== null ? 0.95 : 0, reason: 'prompt, completion and a label' };
  },
  read(record) {
    const shape: JsonRecord = {};
    const prompt = readSide(record, 'prompt'), answer = readSide(record, 'completion');
    if (styleOf(record['completion']) !== undefined) shape['completion'] = styleOf(record['completion']);
    if (styleOf(record['prompt']) !== undefined) shape['prompt'] = styleOf(record['prompt']);
    if (typeof prompt !== 'string' && typeof answer === 'string') shape['completion'] = 'text';
    const completion = asAnswer(prompt, answer, 'completion');
    const label = judgement(record['label']);
    if (label === null) {
      const value = record['label'];
      throw new RowError('label', value === undefined ? 'Field "label" is missing.' : `Field "label" must be true or false (or 1 or 0, or a thumb up or down), but is ${typeof value === 'string' ? `the text "${value.slice(0, 40)}"` : typeof value === 'number' ? value : typeName(value)}.`);
    }
    if (typeof record['label'] !== 'boolean') shape['label'] = record['label'];
    return { kind: 'unpaired-preference', prompt, completion, label, ...commonFields(record, ['prompt', 'completion', 'label'], Object.keys(shape).length > 0 ? { [KEY]: shape } : {}) };
  },
  write(row) {
    if (row.kind !== 'unpaired-preference') throw new RowError('label', 'Only judged answers can be written as prompt, completion and label.');
    const stored = row.meta?.[KEY];
    const shape: JsonRecord = isRecord(stored) ? stored : {};
    const { completion } = row;
    const answer = shape['completion'] === 'text' && typeof completion !== 'string' ? (completion[0]?.content ?? '') : writeSide(completion, 'completion', shape['completion']);
    return { prompt: writeSide(row.prompt, 'prompt', shape['prompt']), completion: answer, label: 'label' in shape ? shape['label'] : row.label, ...writeCommon(row, [KEY]) };
  },
};
