/** Reading fields of a record with errors that name them, and keeping every field that a format does not know. */
import type { CanonicalRow } from '../../../shared/formats.ts';
import { RowError, type JsonRecord } from './format.ts';

export const isRecord = (v: unknown): v is JsonRecord => typeof v === 'object' && v !== null && !Array.isArray(v);

export function typeName(v: unknown): string {
  if (v === null) return 'null';
  if (Array.isArray(v)) return 'a list';
  if (isRecord(v)) return 'an object';
  if (v === undefined) return 'missing';
  return typeof v === 'string' ? 'text' : typeof v === 'number' ? 'a number' : typeof v === 'boolean' ? 'true or false' : typeof v;
}

/** A field that must be text; `empty` allows "". */
export function textField(record: JsonRecord, field: string, { empty = false }: { empty?: boolean } = {}): string {
  const v = record[field];
  if (typeof v !== 'string') throw new RowError(field, v === undefined ? `Field "${field}" is missing.` : `Field "${field}" must be text, but is ${typeName(v)}.`);
  if (!empty && v.trim() === '') throw new RowError(field, `Field "${field}" is empty.`);
  return v;
}

type Common = Pick<CanonicalRow, 'id' | 'tools' | 'tags' | 'source' | 'meta'>;
const isTags = (v: unknown): v is Record<string, string> => isRecord(v) && Object.values(v).every((x) => typeof x === 'string');

/** id, tools, tags and source where the record has them in the canonical type; everything else that `used` does not name goes to meta. */
export function commonFields(record: JsonRecord, used: readonly string[], extra: JsonRecord = {}): Common {
  const out: Common = {};
  const meta: JsonRecord = { ...extra };
  for (const [k, v] of Object.entries(record)) {
    if (used.includes(k)) continue;
    if (k === 'id' && typeof v === 'string') out.id = v;
    else if (k === 'tools' && Array.isArray(v)) out.tools = v;
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
  if (row.tools !== undefined) out['tools'] = row.tools;
  if (row.tags !== undefined) out['tags'] = row.tags;
  if (row.source !== undefined) out['source'] = row.source;
  for (const [k, v] of Object.entries(row.meta ?? {})) if (!own.includes(k)) out[k] = v;
  return out;
}
