/** Opening: the lock, migrations with their backup, newer and damaged files, the data folder's place. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { homeFolder } from '../../src/main/store/home.ts';
import { MIGRATIONS } from '../../src/main/store/migrations/index.ts';
import { openStore } from '../../src/main/store/open.ts';

let home: string;
beforeEach(() => { home = mkdtempSync(join(tmpdir(), 'anneal-store-')); });
afterEach(() => { rmSync(home, { recursive: true, force: true }); });

test('a second opener is told who has the store, and gets it when the first lets go', () => {
  const first = openStore(home);
  expect(() => openStore(home)).toThrow(expect.objectContaining({ code: 'store-locked', params: { pid: process.pid } }));
  first.close();
  openStore(home).close();
});

test('migrations run in order on an older database, after a copy of it', () => {
  const store = openStore(home);
  store.settings.set({ theme: 'dark' });
  store.close();
  const next = [...MIGRATIONS, { version: MIGRATIONS.length + 1, name: 'one more table', up: (db: Database.Database) => { db.exec('CREATE TABLE extra (id TEXT)'); } }];
  const migrated = openStore(home, next);
  expect(migrated.settings.get().theme).toBe('dark');
  migrated.close();
  const backups = readdirSync(join(home, 'backups'));
  expect(backups).toHaveLength(1);
  const copy = new Database(join(home, 'backups', backups[0] ?? ''), { readonly: true });
  expect(copy.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  copy.close();
  expect(() => openStore(home)).toThrow(expect.objectContaining({ code: 'store-newer', params: { have: MIGRATIONS.length + 1, newest: MIGRATIONS.length } }));
});

test('a migration that fails leaves the old schema', () => {
  openStore(home).close();
  const broken = [...MIGRATIONS, { version: MIGRATIONS.length + 1, name: 'fails', up: (db: Database.Database) => { db.exec('CREATE TABLE half (id TEXT)'); throw new Error('no'); } }];
  expect(() => openStore(home, broken)).toThrow('no');
  const store = openStore(home);
  store.close();
  const db = new Database(join(home, 'anneal.db'), { readonly: true });
  expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").get()).toBeUndefined();
  db.close();
});

test('a file that is no database is refused by its code, and the lock is free again', () => {
  writeFileSync(join(home, 'anneal.db'), 'not a database, but long enough to be read as a header '.repeat(40));
  expect(() => openStore(home)).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
  rmSync(join(home, 'anneal.db'));
  openStore(home).close();
});

test('migration numbers rise by one', () => {
  expect(MIGRATIONS.map((m) => m.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
});

test('a data folder that cannot be made is named', () => {
  writeFileSync(join(home, 'file'), '');
  expect(() => openStore(join(home, 'file', 'deeper'))).toThrow(expect.objectContaining({ code: 'file-unreadable', message: expect.stringContaining('ENOTDIR') as string }));
});

test('the data folder: the flag, then ANNEAL_HOME, then the platform', () => {
  expect(homeFolder('a', { ANNEAL_HOME: '/b' })).toBe(resolve('a'));
  expect(homeFolder(undefined, { ANNEAL_HOME: '/b' })).toBe(resolve('/b'));
  expect(homeFolder(undefined, { XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/anneal');
  expect(homeFolder('', { LOCALAPPDATA: '/l' }, 'win32')).toBe(join('/l', 'Anneal'));
});
