/** Report cards of reward models. */
import type { Migration } from './migration.ts';

export const m0003: Migration = {
  version: 3,
  name: 'reward cards',
  up: (db) => { db.exec('CREATE TABLE reward_cards (id TEXT PRIMARY KEY, created_at REAL NOT NULL, record TEXT NOT NULL) STRICT'); },
};
