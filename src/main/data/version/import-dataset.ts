/** Imports a file as an immutable dataset version. All or nothing: a failed or cancelled import leaves no trace. */
import { AnnealError } from '../../../shared/errors.ts';
import type { BadRow } from '../../../shared/formats.ts';
import { MAX_BAD, lineMessage } from './inspect-dataset.ts';
import { columnsError, openRows, type RowsOptions } from './read-rows.ts';
import type { VersionMeta } from './version-meta.ts';
import { VersionWriter } from './version-writer.ts';

export interface ImportOptions extends RowsOptions {
  /** Leave bad rows out, counted in the version's meta, instead of refusing the file at the first one. */
  skipBadRows?: boolean | undefined;
}
export interface ImportedDataset { dir: string; meta: VersionMeta; /** The same rows had been imported before. */ existed: boolean }

function refuse(bad: BadRow, file: string, rest: string): AnnealError {
  return new AnnealError(bad.code, `"${file}", ${lineMessage(bad)} ${rest}`, { file, line: bad.line });
}

/**
 * Writes `<outDir>/<sha256>/` with rows.jsonl, rows.idx and meta.json and returns it.
 * Throws what `openRows` throws, `dataset-columns` with a suggested mapping, `dataset-syntax` or `row-invalid` naming the first bad line, `dataset-empty`, `cancelled`; a full disk keeps its own error.
 */
export async function importDataset(path: string, outDir: string, options: ImportOptions = {}): Promise<ImportedDataset> {
  const { head, rows, bad: early } = await openRows(path, options);
  const file = head.source.name;
  if (!rows || !head.format) {
    const first = early.find((r) => 'error' in r);
    throw head.columns.length === 0 && first && 'error' in first ? refuse(first.error, file, 'No row can be read.') : columnsError(head);
  }
  const bad: BadRow[] = [];
  let badRows = 0;
  const writer = await VersionWriter.begin(outDir);
  try {
    for await (const r of rows()) {
      if (options.signal?.aborted) throw new AnnealError('cancelled', 'The import was cancelled.');
      if ('row' in r) { await writer.add(r.row); continue; }
      if (!options.skipBadRows) throw refuse(r.error, file, 'Correct the line, or import without the bad rows.');
      badRows++;
      if (bad.length < MAX_BAD) bad.push(r.error);
    }
    const first = bad[0];
    if (writer.rows === 0) throw first ? refuse(first, file, 'No row can be read.') : new AnnealError('dataset-empty', `"${file}" has no rows.`, { file });
    return await writer.finish({ format: head.format.id, kind: head.format.kind, columns: head.columns.slice(0, 1000), mapping: options.mapping ?? {}, file_name: file, bad_rows: badRows, bad });
  } catch (e) {
    await writer.abandon();
    throw e;
  }
}
