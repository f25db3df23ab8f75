/** One step of the schema. A migration that has been released is never edited: a change is a new file with the next number. */
import type { Sql } from '../connection.ts';

export interface Migration { version: number; name: string; up(db: Sql): void }
