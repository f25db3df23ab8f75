/**
 * Pairs of answers: {prompt?, chosen, rejected, margin?}, text or turns, also as ShareGPT writes turns. Without a prompt, it is the `conversations` beside the answers (with `system` before them; LLaMA-Factory), or what both answers begin with (Anthropic's HH, UltraFeedback).
 * `meta.preference` remembers how the record was written, for the way back.
 */
import type { Message } from '../../../shared/formats.ts';
import { RowError, type DatasetFormat, type JsonRecord } from './format.ts';
import { asAnswer, isSide, PROMPT_ALIASES, readSide, sharedLength, styleOf, writeSide, type Side } from './answers.ts';
import { commonFields, writeCommon } from './record-fields.ts';
import { MAX_TURNS } from './turns.ts';
import { isRecord, typeName } from './value-type.ts';

const KEY = 'preference';
const USED = ['prompt', 'chosen', 'rejected', 'margin'];
const isEmpty = (v: unknown): boolean => v === undefined || v === null || (Array.isArray(v) && v.length === 0);

/** A number, also written as text (CSV). */
function margin(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new RowError('margin', `Field "margin" must be a number, but is ${typeof value === 'string' ? `the text "${value.slice(0, 40)}"` : typeName(value)}.`);
  return number;
}

const answersOnly = (side: Side): boolean => typeof side !== 'string' && side[0]?.role === 'assistant';

/** The turns before the answers, and the system text before them. */
function conversationBeside(record: JsonRecord, shape: JsonRecord): Side {
  const { system } = record;
  if (system !== undefined && system !== null && typeof system !== 'string') throw new RowError('system', `Field "system" must be text, but is ${typeName(system)}.`);
  const turns = readSide(record, 'conversations') as Message[];
  if (turns.length >= MAX_TURNS) throw new RowError('conversations', `Field "conversations" has ${turns.length} turns; the limit is ${MAX_TURNS - 1}.`);
  shape['conversations'] = styleOf(record['conversations']) ?? 'role';
  if ('system' in record) shape['system'] = typeof system === 'string' && system !== '' ? true : system;
  return [...(shape['system'] === true ? [{ role: 'system', content: String(system) }] : []), ...turns];
}
function writeBeside(prompt: Side, shape: JsonRecord): JsonRecord {
  const own = shape['system'] === true && typeof prompt !== 'string' && prompt[0]?.role === 'system';
  const system = own ? { system: prompt[0]?.content } : 'system' in shape && shape['system'] !== true ? { system: shape['system'] } : {};
  return { conversations: writeSide(own ? prompt.slice(1) : prompt, 'conversations', shape['conversations']), ...system };
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
    for (const side of ['chosen', 'rejected']) if (styleOf(record[side]) !== undefined) shape[side] = styleOf(record[side]);
    const beside = isEmpty(record['prompt']) && Array.isArray(record['conversations']) && record['conversations'].length > 0;
    const given = beside ? conversationBeside(record, shape) : isEmpty(record['prompt']) ? null : readSide(record, 'prompt');
    if (isEmpty(record['prompt']) && 'prompt' in record) shape['prompt'] = record['prompt'];
    else if (styleOf(record['prompt']) !== undefined) shape['prompt_turns'] = styleOf(record['prompt']);
    let sides: { prompt: Side; chosen: Side; rejected: Side };
    if (given === null || (typeof given === 'string' && typeof chosen !== 'string')) {
      if (given !== null) shape['prompt'] = given;
      const n = sharedLength(chosen, rejected);
      if (given !== null && n === 0 && answersOnly(chosen) && answersOnly(rejected)) sides = { prompt: [{ role: 'user', content: given as string }], chosen, rejected };
      else {
        // A text beside whole conversations repeats what they begin with.
        shape['implicit'] = true;
        sides = { prompt: chosen.slice(0, n) as Side, chosen: chosen.slice(n) as Side, rejected: rejected.slice(n) as Side };
      }
    } else {
      if (typeof given !== 'string' && typeof chosen === 'string') shape['chosen'] = shape['rejected'] = 'text';
      sides = { prompt: given, chosen: asAnswer(given, chosen, 'chosen'), rejected: asAnswer(given, rejected, 'rejected') };
    }
    const difference = margin(record['margin']);
    if ('margin' in record && typeof record['margin'] !== 'number') shape['margin'] = record['margin'];
    return { kind: 'preference', ...sides, ...(difference === undefined ? {} : { margin: difference }), ...commonFields(record, beside ? [...USED, 'conversations', 'system'] : USED, Object.keys(shape).length > 0 ? { [KEY]: shape } : {}) };
  },
  write(row) {
    if (row.kind !== 'preference') throw new RowError('chosen', 'Only rows with a chosen and a rejected answer can be written as pairs.');
    const stored = row.meta?.[KEY];
    const shape: JsonRecord = isRecord(stored) ? stored : {};
    const out: JsonRecord = {};
    const implicit = shape['implicit'] === true, beside = 'conversations' in shape;
    if ('prompt' in shape) out['prompt'] = shape['prompt'];
    else if (!implicit && !beside) out['prompt'] = writeSide(row.prompt, 'prompt', shape['prompt_turns']);
    if (beside) Object.assign(out, writeBeside(row.prompt, shape));
    for (const side of ['chosen', 'rejected'] as const) {
      const answer = row[side];
      const whole = !implicit ? answer : typeof answer === 'string' ? `${row.prompt as string}${answer}` : [...(row.prompt as typeof answer), ...answer];
      out[side] = shape[side] === 'text' && typeof answer !== 'string' ? (answer[0]?.content ?? '') : writeSide(whole, side, shape[side]);
    }
    if ('margin' in shape) out['margin'] = shape['margin'];
    else if (row.margin !== undefined) out['margin'] = row.margin;
    return { ...out, ...writeCommon(row, [KEY]) };
  },
};
