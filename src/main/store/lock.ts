/** One writer per data folder. The lock is a file that SQLite locks exclusively: the operating system lets go of it when the process dies, so there are no stale locks. */
import { readFileSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AnnealError } from '../../shared/errors.ts';

export interface Lock { release(): void }

export function acquireLock(path: string): Lock {
  const db = new Database(path, { timeout: 0 });
  const holderFile = `${path}.json`;
  try {
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (e) {
    db.close();
    if (!(e instanceof Error && 'code' in e && e.code === 'SQLITE_BUSY')) throw e;
    const pid = holderPid(holderFile);
    throw new AnnealError('store-locked', `Another Anneal${pid === null ? '' : ` (process ${pid})`} uses this data folder: close it, or pick another folder with --home.`, pid === null ? {} : { pid }, { cause: e });
  }
  writeFileSync(holderFile, JSON.stringify({ pid: process.pid, since: Date.now() }));
  return { release: () => { if (db.open) { db.exec('ROLLBACK'); db.close(); } } };
}

function holderPid(file: string): number | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number' ? value.pid : null;
  } catch { return null; }
}
