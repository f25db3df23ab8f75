/** The registry of migrations, in order: one line each. */
import { m0001 } from './0001.ts';
import { m0002 } from './0002.ts';
import { m0003 } from './0003.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [m0001, m0002, m0003];
