/** Checkpoints that are on the disk. A row is written after its folder is complete, and goes when the folder goes. */
import { checkpoint } from '../../shared/schema/entities.ts';
import type { Checkpoint } from '../../shared/schema/entities.ts';
import { Collection } from './collection.ts';
import type { Connection } from './connection.ts';

export class Checkpoints extends Collection<Checkpoint> {
  constructor(connection: Connection) {
    super(connection, { table: 'checkpoints', schema: checkpoint, noun: 'checkpoint', news: (id, record) => ({ topic: 'checkpoint', id, record }) });
  }
  /** Of one run, by step. */
  of(runId: string): Checkpoint[] { return this.list().filter((c) => c.run_id === runId).toSorted((a, b) => a.step - b.step || a.created_at - b.created_at); }
  latest(runId: string): Checkpoint | undefined { return this.of(runId).at(-1); }
}
