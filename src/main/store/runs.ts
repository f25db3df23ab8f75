/** Runs, what the host alone knows of them, and their attempts. An attempt is one life of an engine; it begins at the step it resumed from. */
import { z } from 'zod';
import { run } from '../../shared/schema/entities.ts';
import type { Run } from '../../shared/schema/entities.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

const failure = z.object({ step: z.number(), code: z.string(), message: z.string(), at: z.number() });
export type Failure = z.infer<typeof failure>;
const runPrivate = z.object({
  /** Crashes since the last step forward that was saved. */
  failures: z.array(failure).default([]),
  engine_pid: z.number().nullable().default(null),
});
export type RunPrivate = z.infer<typeof runPrivate>;
export interface Attempt { attempt: number; from_step: number; started_at: number }

export class Runs extends Collection<Run> {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    super(connection, { table: 'runs', schema: run, noun: 'run', news: (id, record) => ({ topic: 'run', id, record }) });
    this.#connection = connection;
  }

  private(id: string): RunPrivate {
    const row = this.#connection.sql<[string], { record: string }>('SELECT record FROM run_private WHERE run_id = ?').get(id);
    return runPrivate.parse(row ? JSON.parse(row.record) : {});
  }

  setPrivate(id: string, patch: Partial<RunPrivate>): RunPrivate {
    const next = { ...this.private(id), ...patch };
    this.#connection.write(() => { this.#connection.sql('INSERT INTO run_private (run_id, record) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET record = excluded.record').run(id, JSON.stringify(next)); }, () => { /* not kept in memory */ });
    return next;
  }

  addAttempt(id: string, attempt: Attempt): void {
    this.#connection.write(() => { this.#connection.sql('INSERT INTO attempts (run_id, attempt, from_step, started_at) VALUES (?, ?, ?, ?)').run(id, attempt.attempt, attempt.from_step, attempt.started_at); }, () => { /* not kept in memory */ });
  }

  attempts(id: string): Attempt[] {
    return this.#connection.sql<[string], Attempt>('SELECT attempt, from_step, started_at FROM attempts WHERE run_id = ? ORDER BY attempt').all(id);
  }
}
