/** One SQLite connection: transactions with two strengths, and news of changed records that go out only after their commit. */
import Database from 'better-sqlite3';
import type { Change } from '../../shared/contract.ts';
import { AnnealError } from '../../shared/errors.ts';

export type Sql = Database.Database;

export class Connection {
  readonly db: Sql;
  #depth: 'none' | 'normal' | 'durable' = 'none';
  #pending: Change[] = [];
  #undo: (() => void)[] = [];
  readonly #statements = new Map<string, Database.Statement>();
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(path: string) {
    // Where Node-API is older than 10, opening a database would abort the process: no catch helps.
    if (Number(process.versions['napi'] ?? 0) < 10) throw new AnnealError('unavailable', `The store needs Node-API 10 and this program has ${process.versions['napi'] ?? 'none'}: run the host with Node 22.14 or newer.`);
    this.db = new Database(path, { timeout: 2000 });
    this.db.pragma('journal_mode = WAL');
    this.db.pragma('synchronous = NORMAL');
    this.db.pragma('foreign_keys = ON');
    this.db.pragma('temp_store = MEMORY');
  }

  /** A prepared statement, compiled once for each text. */
  sql<P extends unknown[] = unknown[], R = unknown>(text: string): Database.Statement<P, R> {
    let statement = this.#statements.get(text);
    if (!statement) this.#statements.set(text, statement = this.db.prepare(text));
    return statement as Database.Statement<P, R>;
  }

  /** All or nothing. Survives the death of the process; the last moments may be lost with the power. */
  transaction<T>(work: () => T): T { return this.#run('normal', work); }

  /** As `transaction`, and on the disk when it returns: for the state of runs and for everything a person typed. */
  durable<T>(work: () => T): T { return this.#run('durable', work); }

  #run<T>(strength: 'normal' | 'durable', work: () => T): T {
    if (this.#depth !== 'none') {
      if (strength === 'durable' && this.#depth === 'normal') throw new AnnealError('internal', 'A durable write was asked for inside a transaction that is not durable.');
      return work();
    }
    this.#depth = strength;
    let result: T;
    try {
      if (strength === 'durable') this.db.pragma('synchronous = FULL');
      result = this.db.transaction(work)();
    } catch (e) {
      this.#pending = [];
      for (const undo of this.#undo.toReversed()) undo();
      throw storeError(e);
    } finally {
      this.#depth = 'none';
      this.#undo = [];
      if (strength === 'durable') this.db.pragma('synchronous = NORMAL');
    }
    for (const change of this.#pending.splice(0)) this.#tell(change);
    return result;
  }

  /** One write of a record: part of the transaction under way, else durable by itself. `undo` puts back what memory holds when that transaction fails. */
  write(work: () => void, undo: () => void): void {
    this.#run(this.#depth === 'none' ? 'durable' : this.#depth, () => { this.#undo.push(undo); work(); });
  }

  /** Inside a transaction: what to do if it fails. */
  onRollback(undo: () => void): void { this.#undo.push(undo); }

  changed(change: Change): void {
    if (this.#depth === 'none') this.#tell(change); else this.#pending.push(change);
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  #tell(change: Change): void { for (const listener of this.#listeners) listener(change); }

  close(): void { if (this.db.open) this.db.close(); }
}

export function storeError(e: unknown): unknown {
  const code = e instanceof Error && 'code' in e ? String(e.code) : '';
  if (code === 'SQLITE_FULL') return new AnnealError('disk-full', 'The disk is full: free some space, then try again.', {}, { cause: e });
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return new AnnealError('store-corrupt', 'The database in the data folder is damaged: restore a copy from its backups folder, or pick another folder with --home.', {}, { cause: e });
  return e;
}
