/** Writes a dataset version as a file of one of the formats: JSONL, or CSV with a header. All or nothing: the file appears when it is complete. Memory does not grow with the dataset. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { AnnealError } from '../../../shared/errors.ts';
import type { DatasetFormat, JsonRecord } from '../formats/format.ts';
import { RowError } from '../formats/format.ts';
import { formatById } from '../formats/index.ts';
import type { Dataset } from './dataset.ts';

export const EXPORT_FILES = ['jsonl', 'csv'] as const;
export type ExportFile = (typeof EXPORT_FILES)[number];

/** Throws `row-invalid` naming the first row that the format cannot hold, `cancelled`, `disk-full`; then no file is left. */
export async function exportDataset(dataset: Dataset, path: string, how: { format: string; file: ExportFile; signal?: AbortSignal | undefined }): Promise<{ rows: number; bytes: number }> {
  const format = formatById(how.format), part = `${path}.part`;
  const columns = how.file === 'csv' ? await columnsOf(dataset, format, how.signal) : [];
  const out = createWriteStream(part);
  const done = finished(out);
  done.catch(() => { /* awaited below */ });
  let rows = 0;
  try {
    const write = async (line: string): Promise<void> => { if (!out.write(line)) await Promise.race([once(out, 'drain'), done]); };
    if (how.file === 'csv') await write(csvLine(columns));
    for await (const record of records(dataset, format, how.signal)) {
      await write(how.file === 'csv' ? csvLine(columns.map((c) => cellOf(record[c]))) : `${JSON.stringify(record)}\n`);
      rows++;
    }
    out.end();
    await done;
    await rename(part, path);
    return { rows, bytes: out.bytesWritten };
  } catch (e) {
    out.destroy();
    await rm(part, { force: true });
    throw e;
  }
}

async function* records(dataset: Dataset, format: DatasetFormat, signal: AbortSignal | undefined): AsyncGenerator<JsonRecord> {
  let index = 0;
  for await (const row of dataset) {
    if (signal?.aborted === true) throw new AnnealError('cancelled', 'The export was cancelled; nothing was left.');
    index++;
    let record: JsonRecord;
    try { record = format.write(row); } catch (e) {
      if (!(e instanceof RowError)) throw e;
      throw new AnnealError('row-invalid', `Row ${index}: ${e.message}`, { row: index }, { cause: e });
    }
    yield record;
  }
}

/** Every field that some record has, in the order of their first appearance. */
async function columnsOf(dataset: Dataset, format: DatasetFormat, signal: AbortSignal | undefined): Promise<string[]> {
  const seen = new Set<string>();
  for await (const record of records(dataset, format, signal)) for (const key of Object.keys(record)) seen.add(key);
  return [...seen];
}

const cellOf = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));
const csvLine = (cells: readonly string[]): string => `${cells.map((c) => (/[",;\t|\r\n]|^\s|\s$/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',')}\n`;
