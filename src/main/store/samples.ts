/** Sample generations of runs. A later attempt replaces the samples of steps that it runs again. */
import { sample } from '../../shared/schema/entities.ts';
import type { Sample } from '../../shared/schema/entities.ts';
import type { Connection } from './connection.ts';
import { lastValidStep } from './supersede.ts';
import type { Runs } from './runs.ts';

export class Samples {
  readonly #connection: Connection;
  readonly #runs: Runs;
  constructor(connection: Connection, runs: Runs) { this.#connection = connection; this.#runs = runs; }

  add(record: Sample): void {
    this.#connection.write(() => { this.#connection.sql('INSERT OR REPLACE INTO samples (run_id, attempt, step, idx, record) VALUES (?, ?, ?, ?, ?)').run(record.run_id, record.attempt, record.step, record.index, JSON.stringify(record)); }, () => { /* not kept in memory */ });
  }

  /** By step, then prompt. */
  list(runId: string): Sample[] {
    const attempts = this.#runs.attempts(runId);
    return this.#connection.sql<[string], { record: string }>('SELECT record FROM samples WHERE run_id = ? ORDER BY step, idx, attempt').all(runId)
      .map((row) => sample.parse(JSON.parse(row.record))).filter((s) => s.step <= lastValidStep(attempts, s.attempt));
  }

  count(runId: string): number {
    return this.#connection.sql<[string], { n: number }>('SELECT count(*) AS n FROM samples WHERE run_id = ?').get(runId)?.n ?? 0;
  }
}
