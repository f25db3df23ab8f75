/** First schema. Records are JSON text, checked by their zod schema when read; what queries need stands in columns. */
import type { Migration } from './migration.ts';

const RECORD_TABLES = ['models', 'datasets', 'runs', 'checkpoints', 'demos', 'settings'];

export const m0001: Migration = {
  version: 1,
  name: 'first schema',
  up: (db) => {
    for (const table of RECORD_TABLES) db.exec(`CREATE TABLE ${table} (id TEXT PRIMARY KEY, created_at REAL NOT NULL, record TEXT NOT NULL) STRICT`);
    db.exec(`
      CREATE TABLE run_private (run_id TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, record TEXT NOT NULL) STRICT;
      CREATE TABLE attempts (run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, attempt INTEGER NOT NULL, from_step INTEGER NOT NULL, started_at REAL NOT NULL, PRIMARY KEY (run_id, attempt)) STRICT;
      CREATE TABLE samples (run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, attempt INTEGER NOT NULL, step INTEGER NOT NULL, idx INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (run_id, attempt, step, idx)) STRICT;
      CREATE TABLE logs (run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, seq INTEGER NOT NULL, time REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run_id, seq)) STRICT;
      CREATE TABLE metric_series (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, attempt INTEGER NOT NULL, metric TEXT NOT NULL, UNIQUE (run_id, metric, attempt)) STRICT;
      CREATE TABLE metric_chunks (series_id INTEGER NOT NULL REFERENCES metric_series(id) ON DELETE CASCADE, level INTEGER NOT NULL, chunk INTEGER NOT NULL, count INTEGER NOT NULL, first_step REAL NOT NULL, last_step REAL NOT NULL, data BLOB NOT NULL, PRIMARY KEY (series_id, level, chunk)) STRICT;
    `);
  },
};
