/** JSON of one record: syntax errors in one sentence, and integers above 2^53 kept digit for digit for the way back into a file. */
import type { JsonRecord } from '../formats/format.ts';
import { isRecord, typeName } from '../formats/value-type.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MAX_DEPTH = 200;
const LONG_NUMBER = /\d{16}/;

/** An integer that a double cannot hold is replaced by the engine's raw JSON object, which `JSON.stringify` writes unchanged. */
function keepLongIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined || !/^-?\d+$/.test(context.source) || String(value) === context.source) return value;
  const raw: unknown = Reflect.get(JSON, 'rawJSON');
  return typeof raw === 'function' ? (raw as (source: string) => unknown)(context.source) : value;
}

function parseValue(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
}

/** A record, or a sentence that says why the bytes are none. */
export function parseRecord(bytes: Uint8Array, what: string): { record: JsonRecord } | { message: string } {
  let text: string;
  try { text = decoder.decode(bytes); } catch { return { message: `${what} is not valid UTF-8; save the file as UTF-8.` }; }
  if (text.includes('\u0000')) return { message: `${what} holds a NUL byte; the file is damaged or not a text file.` };
  let value: unknown;
  try { value = parseValue(text); } catch (e) { return { message: `${what} is not valid JSON: ${reason(e, text)}` }; }
  if (!isRecord(value)) return { message: `${what} must be a JSON object with named fields, but is ${typeName(value)}.` };
  const odd = oddity(value, 0);
  if (odd) return { message: `${what} ${odd}` };
  return { record: value };
}

/** What is valid JSON and still not safe to pass on: a `__proto__` field would be lost or worse when objects are copied, very deep nesting exhausts the stack. */
function oddity(value: unknown, depth: number): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep.`;
  if (Array.isArray(value)) {
    for (const v of value) { const odd = oddity(v, depth + 1); if (odd) return odd; }
    return null;
  }
  for (const [k, v] of Object.entries(value)) {
    if (k === '__proto__') return 'has a field called "__proto__", which is not allowed.';
    const odd = oddity(v, depth + 1);
    if (odd) return odd;
  }
  return null;
}

/** A cell of a table that may hold JSON: the value, or the text where it is none. */
export function parseCell(text: string): unknown {
  try { const value = parseValue(text); return oddity(value, 0) ? text : value; } catch { return text; }
}

/** The parser's reason without the quotation of the text, with a column. */
function reason(e: unknown, text: string): string {
  const message = e instanceof Error ? e.message : String(e);
  if (/Unexpected end|Unterminated string/.test(message)) return 'it ends too early, as if cut off.';
  const at = /at position (\d+)/.exec(message)?.[1];
  if (at !== undefined) {
    const i = Number(at);
    const shown = JSON.stringify(text.slice(i, i + 1));
    return `unexpected ${shown === '""' ? 'end' : shown} at column ${i - text.lastIndexOf('\n', i - 1)}.`;
  }
  const token = /Unexpected token '(.+?)',/su.exec(message)?.[1];
  return token === undefined ? `${message}.` : `unexpected ${JSON.stringify(token)}.`;
}
