/** Reading fields of a record with errors that name them, and keeping every field that a format does not know. */
import type { CanonicalRow } from '../../../shared/formats.ts';
import { parseCell } from '../files/parse-json.ts';
import { RowError, type JsonRecord } from './format.ts';
import { isRecord, typeName } from './value-type.ts';

/** A field that must be text; `empty` allows "". */
export function textField(record: JsonRecord, field: string, { empty = false }: { empty?: boolean } = {}): string {
  const v = record[field];
  if (typeof v !== 'string') throw new RowError(field, v === undefined ? `Field "${field}" is missing.` : `Field "${field}" must be text, but is ${typeName(v)}.`);
  if (!empty && v.trim() === '') throw new RowError(field, `Field "${field}" is empty.`);
  return v;
}

type Common = Pick<CanonicalRow, 'id' | 'tools' | 'tags' | 'source' | 'meta'>;
const isTags = (v: unknown): v is Record<string, string> => isRecord(v) && Object.values(v).every((x) => typeof x === 'string');

/** Tools that a record writes as JSON text: the list, and the text in meta for the way back. */
const TOOLS_TEXT = 'tools_text';
function toolsOf(text: string): unknown[] | null {
  if (!text.trimStart().startsWith('[')) return null;
  const value = parseCell(text);
  return Array.isArray(value) ? value : null;
}

/** id, tools, tags and source where the record has them in the canonical type; everything else that `used` does not name goes to meta. */
export function commonFields(record: JsonRecord, used: readonly string[], extra: JsonRecord = {}): Common {
  const out: Common = {};
  const meta: JsonRecord = { ...extra };
  for (const [k, v] of Object.entries(record)) {
    if (used.includes(k)) continue;
    if (k === 'id' && typeof v === 'string') out.id = v;
    else if (k === 'tools' && Array.isArray(v)) out.tools = v;
    else if (k === 'tools' && typeof v === 'string' && !(TOOLS_TEXT in record) && toolsOf(v)) { out.tools = toolsOf(v) ?? []; meta[TOOLS_TEXT] = v; }
    else if (k === 'tags' && isTags(v)) out.tags = v;
    else if (k === 'source' && typeof v === 'string') out.source = v;
    else meta[k] = v;
  }
  if (Object.keys(meta).length > 0) out.meta = meta;
  return out;
}

/** The reverse of `commonFields`, without the keys of meta that a format uses for itself. */
export function writeCommon(row: CanonicalRow, own: readonly string[] = []): JsonRecord {
  const out: JsonRecord = {};
  if (row.id !== undefined) out['id'] = row.id;
  const text = row.meta?.[TOOLS_TEXT];
  if (row.tools !== undefined) out['tools'] = typeof text === 'string' ? text : row.tools;
  if (row.tags !== undefined) out['tags'] = row.tags;
  if (row.source !== undefined) out['source'] = row.source;
  for (const [k, v] of Object.entries(row.meta ?? {})) if (!own.includes(k) && !(k === TOOLS_TEXT && row.tools !== undefined)) out[k] = v;
  return out;
}
