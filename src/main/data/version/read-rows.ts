/** From a file to canonical rows: the format is told from the first records (or given), columns are renamed, each record is read; what cannot be read is a bad row in its place. */
import { AnnealError } from '../../../shared/errors.ts';
import type { BadRow, CanonicalRow, FormatId } from '../../../shared/formats.ts';
import { applyMapping, detectFormat, missingFields, suggestFormat, suggestMapping, type Detection, type Mapping } from '../formats/detect.ts';
import { RowError, type DatasetFormat, type JsonRecord } from '../formats/format.ts';
import { formatById } from '../formats/index.ts';
import { JSON_CELLS } from '../files/csv.ts';
import { readRecords } from '../files/index.ts';
import { parseCell } from '../files/parse-json.ts';
import { openSource, type RawRecord, type ReadOptions, type SourceFile } from '../files/source-file.ts';

export interface RowsOptions extends ReadOptions { /** A format id; unknown ones are refused. */ format?: string | undefined; mapping?: Mapping | undefined }

/** What the head of a file says: its format and columns, or what a mapping could be. */
export interface Head {
  source: SourceFile;
  /** Null when no format fits and none was given. */
  format: DatasetFormat | null;
  confidence: number;
  reason: string;
  columns: string[];
  /** The mapping in use; the suggested one when fields are missing. */
  mapping: Mapping;
  /** Needed fields that no column provides under the names in use. */
  missing: string[];
  /** Columns that the given mapping names and that the file does not have. */
  absent: string[];
  suggested: { format: FormatId; mapping: Mapping } | null;
}
export type RowResult = { line: number; row: CanonicalRow } | { line: number; error: BadRow };

/** Records looked at before the format is decided. */
const SAMPLE = 50;

/** Cells of a CSV that are empty and not needed are no values; cells that got a list's name by mapping may hold JSON. */
function csvRecord(record: JsonRecord, format: DatasetFormat, mapping: Mapping): JsonRecord {
  const needed = new Set(format.fields.filter((f) => f.required).map((f) => f.name));
  const out: JsonRecord = {};
  for (const [k, v] of Object.entries(record)) {
    if (v === '' && !needed.has(k)) continue;
    out[k] = v;
    if (typeof v === 'string' && k in mapping && JSON_CELLS.has(k)) out[k] = parseCell(v);
  }
  return out;
}

/** A format whose needed columns are all there, though their values are not what it wants: then the rows say what is wrong. */
function byNames(sample: readonly JsonRecord[]): Detection | null {
  const columns = [...new Set(sample.flatMap((r) => Object.keys(r)))];
  const format = suggestFormat(columns)?.format;
  return format && missingFields(columns, format, {}).length === 0 ? { format, confidence: 0.1, reason: 'column names' } : null;
}

function decide(source: SourceFile, sample: readonly JsonRecord[], options: RowsOptions): Head {
  const columns = [...new Set(sample.flatMap((r) => Object.keys(r)))];
  const mapped = sample.map((r) => applyMapping(r, options.mapping ?? {}));
  const found = options.format === undefined ? (detectFormat(mapped) ?? byNames(mapped)) : { format: formatById(options.format), confidence: 1, reason: 'chosen' };
  const mapping = options.mapping ?? {};
  const absent = Object.values(mapping).filter((c) => !columns.includes(c));
  if (found) {
    const missing = missingFields(columns, found.format, mapping);
    if (missing.length === 0) return { source, ...found, columns, mapping, missing, absent, suggested: null };
    const guess = suggestMapping(columns, found.format).mapping;
    return { source, ...found, columns, mapping: { ...guess, ...mapping }, missing, absent, suggested: { format: found.format.id, mapping: guess } };
  }
  const guess = suggestFormat(columns);
  return { source, format: null, confidence: 0, reason: 'no known columns', columns, mapping: guess?.mapping ?? mapping, missing: guess?.format.fields.filter((f) => f.required).map((f) => f.name) ?? [], absent, suggested: guess ? { format: guess.format.id, mapping: guess.mapping } : null };
}

/** `dataset-columns` for a head that is not readable as it is; names the mapping that would do. */
export function columnsError(head: Head): AnnealError {
  const { suggested, columns } = head;
  const listed = columns.slice(0, 12).join(', ') || 'none';
  const needed = suggested ? formatById(suggested.format).fields.filter((f) => f.required).map((f) => f.name) : [];
  const complete = suggested && needed.every((f) => f in suggested.mapping);
  const pairs = suggested ? Object.entries(suggested.mapping).filter(([f, c]) => f !== c).map(([f, c]) => `${f}=${c}`).join(', ') : '';
  const advice = complete && pairs ? `map them as ${pairs} to read it as ${suggested.format}` : head.format ? `name the columns that hold ${head.missing.join(' and ')}` : 'name its columns as messages, prompt and completion, instruction and output, conversations, or text';
  const what = head.absent.length > 0 ? `has no column ${head.absent.map((c) => `"${c}"`).join(' and ')} as the mapping says` : head.format ? `needs ${head.missing.map((m) => `"${m}"`).join(' and ')} to be read as ${head.format.id}` : 'has no columns that a known format needs';
  return new AnnealError('dataset-columns', `"${head.source.name}" ${what} (its columns: ${listed}); ${advice}.`, { columns: listed, ...(complete && pairs ? { format: suggested.format, mapping: pairs } : {}) });
}

function readOne(raw: RawRecord, head: Head, format: DatasetFormat, mapping: Mapping): RowResult {
  if ('error' in raw) return raw;
  const { line } = raw;
  const renamed = applyMapping(raw.record, mapping);
  try {
    return { line, row: format.read(head.source.kind === 'csv' ? csvRecord(renamed, format, mapping) : renamed) };
  } catch (e) {
    if (!(e instanceof RowError)) throw e;
    return { line, error: { line, code: 'row-invalid', message: e.message } };
  }
}

/**
 * Opens a file and tells its format. `rows` reads all of it, streaming; it is there only when the columns fit (`missing` empty).
 * Throws what `openSource` throws, `dataset-empty` for a file without records, `dataset-format` for an unknown format id.
 */
export async function openRows(path: string, options: RowsOptions = {}): Promise<{ head: Head; rows: (() => AsyncGenerator<RowResult>) | null; bad: RawRecord[] }> {
  const source = await openSource(path);
  const records = readRecords(source, options);
  const first: RawRecord[] = [];
  const sample: JsonRecord[] = [];
  while (sample.length < SAMPLE && first.length < 20 * SAMPLE) {
    const next = await records.next();
    if (next.done) break;
    first.push(next.value);
    if ('record' in next.value) sample.push(next.value.record);
  }
  if (first.length === 0) { await records.return(undefined); throw new AnnealError('dataset-empty', `"${source.name}" has no rows.`, { file: source.name }); }
  const head = decide(source, sample, options);
  const { format } = head;
  if (!format || head.missing.length > 0) { await records.return(undefined); return { head, rows: null, bad: first.filter((r) => 'error' in r) }; }
  const mapping = options.mapping ?? {};
  return {
    head, bad: [],
    rows: async function* () {
      try {
        for (const raw of first) yield readOne(raw, head, format, mapping);
        for await (const raw of records) yield readOne(raw, head, format, mapping);
      } finally { await records.return(undefined); }
    },
  };
}
