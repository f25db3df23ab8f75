/** Exports that were started: options, where they went, their proof. */
import { exportRecord } from '../../shared/schema/export.ts';
import type { ExportRecord } from '../../shared/schema/export.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export const exportRecords = (connection: Connection): Collection<ExportRecord> => new Collection<ExportRecord>(connection, { table: 'exports', schema: exportRecord, noun: 'export', news: (id, record) => ({ topic: 'export', id, record }) });
