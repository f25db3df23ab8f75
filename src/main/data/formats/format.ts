/** What a dataset format declares. One object per format, one line in `index.ts`; tests iterate over the registry. */
import type { CanonicalRow, DatasetKind, FormatId } from '../../../shared/formats.ts';

export type JsonRecord = Record<string, unknown>;

export interface FormatField {
  name: string;
  required: boolean;
  /** Other names that people use for it, for the suggested mapping. */
  aliases?: readonly string[];
}

export interface DatasetFormat {
  id: FormatId;
  kind: DatasetKind;
  fields: readonly FormatField[];
  /** How much a record looks like this format, 0 to 1, and why in a few words. */
  sniff(record: JsonRecord): { score: number; reason: string };
  /** The record as a canonical row. Throws RowError naming the field. Fields that it does not know go to `meta`. */
  read(record: JsonRecord): CanonicalRow;
  /** The row as a record of this format: `write(read(r))` equals `r`. Throws RowError when the format cannot hold the row. */
  write(row: CanonicalRow): JsonRecord;
}

/** One row cannot be read or written; the message is a whole sentence without a line number. */
export class RowError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}
