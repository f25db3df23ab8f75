/** Which format a file has, and where names differ, which column is probably meant for which field. */
import { formatList } from './index.ts';
import type { DatasetFormat, FormatField, JsonRecord } from './format.ts';

export interface Detection { format: DatasetFormat; /** Mean score over the sample, 0 to 1. */ confidence: number; reason: string }

/** Below this mean score (about one record in five) a format is not taken to be the file's. */
const ENOUGH = 0.2;

/** The best format for a sample of records, or null when none fits. */
export function detectFormat(sample: readonly JsonRecord[]): Detection | null {
  let best: Detection | null = null;
  for (const format of formatList) {
    const results = sample.map((r) => format.sniff(r));
    const confidence = results.reduce((n, r) => n + r.score, 0) / Math.max(1, results.length);
    if (confidence > (best?.confidence ?? 0)) best = { format, confidence, reason: results[0]?.reason ?? '' };
  }
  return best && best.confidence >= ENOUGH ? best : null;
}

/** Format field -> column. */
export type Mapping = Record<string, string>;

/** Record with its columns renamed as the format wants them. A mapped column loses its old name; a column that stands in the way of a mapped field is kept under `<name> (column)`. */
export function applyMapping(record: JsonRecord, mapping: Mapping): JsonRecord {
  const entries = Object.entries(mapping).filter(([field, column]) => field !== column && column in record);
  if (entries.length === 0) return record;
  const out: JsonRecord = {};
  const sources = new Set(entries.map(([, column]) => column));
  const targets = new Set(entries.map(([field]) => field));
  for (const [k, v] of Object.entries(record)) if (!sources.has(k)) out[targets.has(k) ? `${k} (column)` : k] = v;
  for (const [field, column] of entries) out[field] = record[column];
  return out;
}

/** Edits (insert, delete, replace, swap of neighbours) between two short words. */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(d);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

const plain = (s: string): string => s.toLowerCase().replace(/[\s_-]+/g, '');

/** How well a column's name fits a field: same 1, same but for case 0.95, known other name 0.7, one or two slips 0.6, part of the name 0.4. */
function nameScore(column: string, field: FormatField): number {
  if (column === field.name) return 1;
  const c = plain(column);
  const f = plain(field.name);
  if (c === f) return 0.95;
  if (field.aliases?.some((a) => plain(a) === c)) return 0.7;
  if (Math.min(c.length, f.length) >= 3 && editDistance(c, f) <= (f.length > 6 ? 2 : 1)) return 0.6;
  if (c.length > 0 && (c.includes(f) || (field.aliases?.some((a) => plain(a).length > 3 && c.includes(plain(a))) ?? false))) return 0.4;
  return 0;
}

/** The best column for each field, each column once. */
export function suggestMapping(columns: readonly string[], format: DatasetFormat): { mapping: Mapping; score: number } {
  const pairs = format.fields.flatMap((field) => columns.map((column) => ({ field, column, score: nameScore(column, field) }))).filter((p) => p.score > 0).sort((a, b) => b.score - a.score);
  const mapping: Mapping = {};
  const used = new Set<string>();
  const scores = new Map<string, number>();
  for (const { field, column, score } of pairs) {
    if (field.name in mapping || used.has(column)) continue;
    mapping[field.name] = column;
    used.add(column);
    scores.set(field.name, score);
  }
  const required = format.fields.filter((f) => f.required);
  return { mapping, score: required.reduce((n, f) => n + (scores.get(f.name) ?? 0), 0) / required.length };
}

/** The format whose needed fields the columns name best, with the mapping; null when no needed field is recognisable. Two recognised fields say more than one. */
export function suggestFormat(columns: readonly string[]): { format: DatasetFormat; mapping: Mapping } | null {
  let best: { format: DatasetFormat; mapping: Mapping; score: number } | null = null;
  for (const format of formatList) {
    const { mapping, score } = suggestMapping(columns, format);
    const found = format.fields.filter((f) => f.required && f.name in mapping).length;
    const weighted = score * (1 + 0.5 * (found - 1));
    if (found > 0 && weighted > (best?.score ?? 0)) best = { format, mapping, score: weighted };
  }
  return best;
}

/** Needed fields that neither the columns nor the mapping provide. */
export function missingFields(columns: readonly string[], format: DatasetFormat, mapping: Mapping): string[] {
  return format.fields.filter((f) => f.required && !columns.includes(mapping[f.name] ?? f.name)).map((f) => f.name);
}
