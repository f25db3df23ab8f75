/** Brings a database to the newest schema: a copy first, then every missing migration, each in its own transaction with its version number. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';
import type { Connection } from './connection.ts';
import type { Migration } from './migrations/migration.ts';

const KEPT_BACKUPS = 5;

export function migrate(connection: Connection, migrations: readonly Migration[], backups: string, now: () => number = Date.now): void {
  const { db } = connection;
  const have = Number(db.pragma('user_version', { simple: true }));
  const newest = migrations.at(-1)?.version ?? 0;
  if (have > newest) throw new AnnealError('store-newer', `The data folder was written by a newer Anneal (schema ${have}, this one knows ${newest}): start the newer one, or pick another folder with --home.`, { have, newest });
  const missing = migrations.filter((m) => m.version > have);
  if (missing.length === 0) return;
  if (have > 0) backup(connection, backups, `schema-${have}-${now()}.db`);
  for (const migration of missing) {
    connection.durable(() => {
      migration.up(db);
      db.pragma(`user_version = ${migration.version}`);
    });
  }
}

function backup({ db }: Connection, folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  db.prepare('VACUUM INTO ?').run(join(folder, name));
  const old = readdirSync(folder).filter((f) => f.startsWith('schema-')).toSorted((a, b) => stamp(a) - stamp(b)).slice(0, -KEPT_BACKUPS);
  for (const file of old) rmSync(join(folder, file));
}

const stamp = (file: string): number => Number(/-(\d+)\.db$/.exec(file)?.[1] ?? 0);
