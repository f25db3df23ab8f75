/** Datasets: one record a version; the rows are files in the data folder. */
import { dataset } from '../../shared/schema/entities.ts';
import type { Dataset } from '../../shared/schema/entities.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export const datasets = (connection: Connection): Collection<Dataset> => new Collection<Dataset>(connection, { table: 'datasets', schema: dataset, noun: 'dataset', news: (id, record) => ({ topic: 'dataset', id, record }) });
