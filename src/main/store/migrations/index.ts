/** The registry of migrations, in order: one line each. */
import { m0001 } from './0001.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [m0001];
