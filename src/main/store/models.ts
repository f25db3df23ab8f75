/** Models that were registered: their folders are referenced, never copied. */
import { model } from '../../shared/schema/entities.ts';
import type { Model } from '../../shared/schema/entities.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export const models = (connection: Connection): Collection<Model> => new Collection<Model>(connection, { table: 'models', schema: model, noun: 'model', news: (id, record) => ({ topic: 'model', id, record }) });
