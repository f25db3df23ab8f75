/** Between the reading of files in main/data and the previews of the contract. */
import type { DatasetPreview } from '../../shared/schema/data.ts';
import { formatById } from '../data/formats/index.ts';
import { importDataset as importFile } from '../data/version/import-dataset.ts';
import type { ImportedDataset } from '../data/version/import-dataset.ts';
import { inspectDataset as inspectFile } from '../data/version/inspect-dataset.ts';
import { rowView } from './row-view.ts';

export interface HowToRead { format?: string | undefined; columns?: Record<string, string> | undefined; /** Leave unreadable rows out, counted, instead of refusing the file. */ skipBadRows?: boolean | undefined }

export async function inspectDataset(path: string, how: HowToRead): Promise<DatasetPreview> {
  const { reason: _, suggested_format, sample, ...seen } = await inspectFile(path, { format: how.format, mapping: how.columns });
  const format = seen.format ?? suggested_format;
  return { ...seen, format, fields: format === null ? [] : formatById(format).fields.map(({ name, required }) => ({ name, required })), sample: sample.map(rowView) };
}

export function importDataset(path: string, folder: string, how: HowToRead): Promise<ImportedDataset> {
  return importFile(path, folder, { format: how.format, mapping: how.columns, skipBadRows: how.skipBadRows });
}
