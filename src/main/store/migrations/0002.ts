/** Exports. */
import type { Migration } from './migration.ts';

export const m0002: Migration = {
  version: 2,
  name: 'exports',
  up: (db) => { db.exec('CREATE TABLE exports (id TEXT PRIMARY KEY, created_at REAL NOT NULL, record TEXT NOT NULL) STRICT'); },
};
