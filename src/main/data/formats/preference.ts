/**
 * Pairs of answers: {prompt?, chosen, rejected, margin?}, text or turns. Without a prompt, what both answers begin with is the prompt (Anthropic's HH, UltraFeedback).
 * `meta.preference` remembers how the record was written, for the way back.
 */
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { asAnswer, PROMPT_ALIASES, readSide, sharedLength, writeSide, writeTurn, type Side } from './answers.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'preference';
const USED = ['prompt', 'chosen', 'rejected', 'margin'];
const isSide = (v: unknown): boolean => typeof v === 'string' || Array.isArray(v) || (isRecord(v) && 'role' in v);

/** A number, also written as text (CSV). */
function margin(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new RowError('margin', `Field "margin" must be a number, but is ${typeof value === 'string' ? `the text "${value.slice(0, 40)}"` : typeName(value)}.`);
  return number;
}

export const preferenceFormat: DatasetFormat = {
  id: 'preference',
  kind: 'preference',
  fields: [
    { name: 'prompt', required: false, aliases: PROMPT_ALIASES },
    { name: 'chosen', required: true, aliases: ['response_chosen', 'chosen_response', 'answer_chosen', 'chosen_answer', 'better', 'better_response', 'preferred', 'preferred_response', 'winner', 'accepted', 'response_w', 'good', 'positive'] },
    { name: 'rejected', required: true, aliases: ['response_rejected', 'rejected_response', 'answer_rejected', 'rejected_answer', 'worse', 'worse_response', 'dispreferred', 'dispreferred_response', 'loser', 'refused', 'response_l', 'bad', 'negative'] },
    { name: 'margin', required: false, aliases: ['score_difference', 'strength'] },
  ],
  sniff(record) {
    return { score: isSide(record['chosen']) && isSide(record['rejected']) ? 1 : 0, reason: 'chosen and rejected answers' };
  },
  read(record) {
    const shape: JsonRecord = {};
    const chosen = readSide(record, 'chosen'), rejected = readSide(record, 'rejected');
    if ((typeof chosen === 'string') !== (typeof rejected === 'string')) throw new RowError('rejected', 'Fields "chosen" and "rejected" must both be text or both be turns.');
    for (const side of ['chosen', 'rejected']) if (isRecord(record[side])) shape[side] = 'turn';
    const given = record['prompt'] === undefined || record['prompt'] === null || (Array.isArray(record['prompt']) && record['prompt'].length === 0) ? null : readSide(record, 'prompt');
    if (given === null && 'prompt' in record) shape['prompt'] = record['prompt'];
    let sides: { prompt: Side; chosen: Side; rejected: Side };
    if (given === null || (typeof given === 'string' && typeof chosen !== 'string')) {
      // A text beside whole conversations repeats what they begin with.
      shape['implicit'] = true;
      if (given !== null) shape['prompt'] = given;
      const n = sharedLength(chosen, rejected);
      sides = { prompt: chosen.slice(0, n) as Side, chosen: chosen.slice(n) as Side, rejected: rejected.slice(n) as Side };
    } else {
      if (typeof given !== 'string' && typeof chosen === 'string') shape['chosen'] = shape['rejected'] = 'text';
      sides = { prompt: given, chosen: asAnswer(given, chosen, 'chosen'), rejected: asAnswer(given, rejected, 'rejected') };
    }
    const difference = margin(record['margin']);
    if ('margin' in record && typeof record['margin'] !== 'number') shape['margin'] = record['margin'];
    return { kind: 'preference', ...sides, ...(difference === undefined ? {} : { margin: difference }), ...commonFields(record, USED, Object.keys(shape).length > 0 ? { [KEY]: shape } : {}) };
  },
  write(row) {
    if (row.kind !== 'preference') throw new RowError('chosen', 'Only rows with a chosen and a rejected answer can be written as pairs.');
    const stored = row.meta?.[KEY];
    const shape: JsonRecord = isRecord(stored) ? stored : {};
    const out: JsonRecord = {};
    const implicit = shape['implicit'] === true;
    if (implicit ? 'prompt' in shape : true) out['prompt'] = implicit ? shape['prompt'] : writeSide(row.prompt);
    for (const side of ['chosen', 'rejected'] as const) {
      const answer = row[side];
      const whole = !implicit ? answer : typeof answer === 'string' ? `${row.prompt as string}${answer}` : [...(row.prompt as typeof answer), ...answer];
      out[side] = shape[side] === 'turn' ? writeTurn(whole) : shape[side] === 'text' && typeof answer !== 'string' ? (answer[0]?.content ?? '') : writeSide(whole);
    }
    if ('margin' in shape) out['margin'] = shape['margin'];
    else if (row.margin !== undefined) out['margin'] = row.margin;
    return { ...out, ...writeCommon(row, [KEY]) };
  },
};
