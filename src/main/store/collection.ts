/** Records of one kind: a table of checked JSON with a copy in memory, so that lists and look-ups never wait for the disk. The host is the only writer. */
import type { z } from 'zod';
import type { Change } from '../../shared/contract.ts';
import { AnnealError } from '../../shared/errors.ts';
import type { Connection } from './connection.ts';

export interface CollectionOptions<T> {
  table: string;
  schema: z.ZodType<T>;
  /** What the record is called in messages: "run", "model". */
  noun: string;
  news?(id: string, record: T | null): Change;
}

export class Collection<T extends { id: string }> {
  readonly #connection: Connection;
  readonly #options: CollectionOptions<T>;
  readonly #records = new Map<string, T>();
  /** Ids of rows that no longer fit their schema; they stay in the table, untouched. */
  readonly unreadable: string[] = [];

  constructor(connection: Connection, options: CollectionOptions<T>) {
    this.#connection = connection;
    this.#options = options;
    for (const row of connection.sql<[], { id: string; record: string }>(`SELECT id, record FROM ${options.table} ORDER BY created_at, rowid`).all()) {
      const parsed = options.schema.safeParse(parseJson(row.record));
      if (parsed.success) this.#records.set(row.id, parsed.data); else this.unreadable.push(row.id);
    }
  }

  /** In order of creation. Records are shared: callers must not change them. */
  list(): T[] { return [...this.#records.values()]; }
  find(id: string): T | undefined { return this.#records.get(id); }
  get(id: string): T {
    const record = this.#records.get(id);
    if (!record) throw new AnnealError('not-found', `There is no ${this.#options.noun} with the id ${id}.`, { id });
    return record;
  }

  /** Adds or replaces. Part of the transaction it is called in, else durable by itself. */
  put(record: T): T {
    const before = this.#records.get(record.id);
    this.#write(() => {
      this.#connection.sql(`INSERT INTO ${this.#options.table} (id, created_at, record) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record`).run(record.id, Date.now(), JSON.stringify(record));
    }, record.id, before);
    this.#records.set(record.id, record);
    this.#tell(record.id, record);
    return record;
  }

  change(id: string, patch: Partial<T>): T { return this.put({ ...this.get(id), ...patch }); }

  remove(id: string): void {
    const before = this.#records.get(id);
    if (!before) return;
    this.#write(() => { this.#connection.sql(`DELETE FROM ${this.#options.table} WHERE id = ?`).run(id); }, id, before);
    this.#records.delete(id);
    this.#tell(id, null);
  }

  #write(work: () => void, id: string, before: T | undefined): void {
    this.#connection.write(work, () => { if (before) this.#records.set(id, before); else this.#records.delete(id); });
  }

  #tell(id: string, record: T | null): void {
    if (this.#options.news) this.#connection.changed(this.#options.news(id, record));
  }
}

function parseJson(text: string): unknown {
  try { return JSON.parse(text); } catch { return undefined; }
}
