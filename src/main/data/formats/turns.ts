/** Lists of {role, content} turns, as OpenAI and Hugging Face write them, to canonical messages and back. */
import type { Message } from '../../../shared/formats.ts';
import { RowError, type JsonRecord } from './format.ts';
import { isRecord, typeName } from './value-type.ts';

/** Original content of turns that were written as a list of text parts, kept under `parts` for the way back. */
const PARTS = 'parts';

function content(turn: JsonRecord, where: string): { content: string | null; parts?: unknown[] } {
  const v = turn['content'];
  if (typeof v === 'string') return { content: v };
  if ((v === null || v === undefined) && Array.isArray(turn['tool_calls']) && turn['tool_calls'].length > 0) return { content: null };
  if (Array.isArray(v)) {
    const texts = v.map((part) => {
      if (isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string') return part['text'];
      throw new RowError(where, `${where} has a content part that is not text; only text can be trained on.`);
    });
    return { content: texts.join(''), parts: v };
  }
  throw new RowError(where, `${where} needs "content" as text, but it is ${typeName(v)}.`);
}

export const MAX_TURNS = 10_000;

/** Canonical messages. `field` stands in errors, which count turns from 1. */
export function readTurns(value: unknown, field: string): Message[] {
  if (!Array.isArray(value)) throw new RowError(field, value === undefined ? `Field "${field}" is missing.` : `Field "${field}" must be a list of turns, but is ${typeName(value)}.`);
  if (value.length > MAX_TURNS) throw new RowError(field, `Field "${field}" has ${value.length} turns; the limit is ${MAX_TURNS}.`);
  if (value.length === 0) throw new RowError(field, `Field "${field}" has no turns.`);
  return value.map((turn: unknown, i) => {
    const where = `Turn ${i + 1} of "${field}"`;
    if (!isRecord(turn)) throw new RowError(field, `${where} must be an object with role and content, but is ${typeName(turn)}.`);
    const role = turn['role'];
    if (typeof role !== 'string' || role === '' || role.length > 64) throw new RowError(field, `${where} needs a "role" such as user or assistant.`);
    if (PARTS in turn) throw new RowError(field, `${where} has the reserved key "${PARTS}".`);
    const { tool_calls: calls, tool_call_id: callId } = turn;
    if (calls !== undefined && !Array.isArray(calls)) throw new RowError(field, `${where} has "tool_calls" that are not a list.`);
    if (callId !== undefined && typeof callId !== 'string') throw new RowError(field, `${where} has a "tool_call_id" that is not text.`);
    return { ...turn, role, ...content(turn, where) } as Message;
  });
}

/** Turns as they were read. */
export function writeTurns(messages: readonly Message[]): JsonRecord[] {
  return messages.map((m) => {
    const { [PARTS]: parts, ...rest } = m;
    return Array.isArray(parts) ? { ...rest, content: parts } : { ...rest };
  });
}
