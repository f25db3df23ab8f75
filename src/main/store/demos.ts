/** Demos that were run, with their scores. */
import { demo } from '../../shared/schema/entities.ts';
import type { Demo } from '../../shared/schema/entities.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export const demos = (connection: Connection): Collection<Demo> => new Collection<Demo>(connection, { table: 'demos', schema: demo, noun: 'demo', news: (id, record) => ({ topic: 'demo', id, record }) });
