/** Log lines of runs, numbered from 1 within a run. Kept to the newest 20,000 of a run. */
import type { LogLine } from '../../shared/schema/entities.ts';
import type { Connection } from './connection.ts';

const KEPT = 20_000;

export class Logs {
  readonly #connection: Connection;
  readonly #last = new Map<string, number>();
  constructor(connection: Connection) { this.#connection = connection; }

  lastSeq(runId: string): number {
    const known = this.#last.get(runId);
    if (known !== undefined) return known;
    const seq = this.#connection.sql<[string], { seq: number | null }>('SELECT max(seq) AS seq FROM logs WHERE run_id = ?').get(runId)?.seq ?? 0;
    this.#last.set(runId, seq);
    return seq;
  }

  /** Part of the transaction under way, else one of its own. */
  add(runId: string, level: LogLine['level'], text: string, time = Date.now()): LogLine {
    const before = this.lastSeq(runId), seq = before + 1;
    this.#connection.write(() => {
      this.#connection.sql('INSERT INTO logs (run_id, seq, time, level, text) VALUES (?, ?, ?, ?, ?)').run(runId, seq, time, level, text);
      if (seq % 1000 === 0) this.#connection.sql('DELETE FROM logs WHERE run_id = ? AND seq <= ?').run(runId, seq - KEPT);
    }, () => { this.#last.set(runId, before); });
    this.#last.set(runId, seq);
    return { seq, time, level, text };
  }

  list(runId: string, after: number, limit: number): LogLine[] {
    return this.#connection.sql<[string, number, number], LogLine>('SELECT seq, time, level, text FROM logs WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?').all(runId, after, limit);
  }

  /** The newest lines, oldest first. */
  tail(runId: string, limit: number): LogLine[] {
    return this.#connection.sql<[string, number], LogLine>('SELECT seq, time, level, text FROM logs WHERE run_id = ? ORDER BY seq DESC LIMIT ?').all(runId, limit).toReversed();
  }

  forget(runId: string): void { this.#last.delete(runId); }
}
