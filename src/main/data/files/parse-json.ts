/** JSON of one record: syntax errors in one sentence, and integers above 2^53 kept digit for digit for the way back into a file. */
import type { JsonRecord } from '../formats/format.ts';
import { isRecord, typeName } from '../formats/record-fields.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONG_NUMBER = /\d{16}/;

/** An integer that a double cannot hold is replaced by the engine's raw JSON object, which `JSON.stringify` writes unchanged. */
function keepLongIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined || !/^-?\d+$/.test(context.source) || String(value) === context.source) return value;
  const raw: unknown = Reflect.get(JSON, 'rawJSON');
  return typeof raw === 'function' ? (raw as (source: string) => unknown)(context.source) : value;
}

export function parseValue(text: string): unknown {
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
  if (text.includes('__proto__') && hasProtoKey(value)) return { message: `${what} has a field called "__proto__", which is not allowed.` };
  return { record: value };
}

/** A field of that name would be lost or worse when objects are copied. */
function hasProtoKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasProtoKey);
  return isRecord(value) && Object.entries(value).some(([k, v]) => k === '__proto__' || hasProtoKey(v));
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
