/** A look at a file before it is imported: format, columns, first rows as they would be read, and everything that is wrong with it. Nothing is written. */
import type { BadRow, CanonicalRow, DatasetKind, FormatId } from '../../../shared/formats.ts';
import type { Mapping } from '../formats/detect.ts';
import { columnsError, openRows, type RowsOptions } from './read-rows.ts';

export interface DatasetInspection {
  file_name: string;
  bytes: number;
  /** Null when no format fits; then `mapping` and `message` say what would help. */
  format: FormatId | null;
  kind: DatasetKind | null;
  confidence: number;
  reason: string;
  columns: string[];
  /** Format field -> column, in use or suggested. */
  mapping: Mapping;
  /** True when the rows can only be read with a mapping: `suggested_format` and `mapping` are an offer. */
  mapping_needed: boolean;
  suggested_format: FormatId | null;
  /** Rows that can be read. 0 while a mapping is needed. */
  rows: number;
  sample: CanonicalRow[];
  bad_rows: number;
  /** The first bad rows. */
  bad: BadRow[];
  /** One sentence when the file cannot be imported as it is. */
  message: string | null;
}
export interface InspectOptions extends RowsOptions { sample?: number | undefined; maxBad?: number | undefined }

export const MAX_BAD = 200;
/** "line 17: ..." */
export const lineMessage = (bad: BadRow): string => `line ${bad.line}: ${bad.message}`;

/** Reads the whole file once. Throws only for files that are none at all (missing, empty, binary); wrong columns and bad rows are part of the result. */
export async function inspectDataset(path: string, options: InspectOptions = {}): Promise<DatasetInspection> {
  const { head, rows, bad: early } = await openRows(path, options);
  const out: DatasetInspection = {
    file_name: head.source.name, bytes: head.source.bytes, format: head.format?.id ?? null, kind: head.format?.kind ?? null, confidence: head.confidence, reason: head.reason, columns: head.columns, mapping: head.mapping,
    mapping_needed: rows === null && head.columns.length > 0, suggested_format: head.suggested?.format ?? null, rows: 0, sample: [], bad_rows: 0, bad: [], message: null,
  };
  const spoil = (b: BadRow): void => { out.bad_rows++; if (out.bad.length < (options.maxBad ?? MAX_BAD)) out.bad.push(b); };
  if (!rows) {
    for (const r of early) if ('error' in r) spoil(r.error);
    const first = out.bad[0];
    out.message = head.columns.length === 0 && first ? lineMessage(first) : columnsError(head).message;
    return out;
  }
  for await (const r of rows()) {
    if ('error' in r) { spoil(r.error); continue; }
    out.rows++;
    if (out.sample.length < (options.sample ?? 20)) out.sample.push(r.row);
  }
  const first = out.bad[0];
  if (out.rows === 0 && first) out.message = `No row can be read; ${lineMessage(first)}`;
  return out;
}
