/** The command line inside the test's process: words in, status and both streams out. Engines are processes of their own, as everywhere. Set ANNEAL_RESOURCES first where the embedded demo must stay out. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCommandLine } from '../../src/main/cli/main.ts';
import { openStore } from '../../src/main/store/open.ts';
import type { Store } from '../../src/main/store/open.ts';

export interface CommandResult { status: number; out: string; err: string }

export async function command(home: string, ...words: string[]): Promise<CommandResult> {
  let out = '', err = '';
  const status = await runCommandLine(['--home', home, ...words], { out: (t) => { out += t; }, err: (t) => { err += t; }, tty: false, columns: () => 80 });
  return { status, out, err };
}

/** What a data folder holds that a person would miss: the records, and the files of versions and runs. */
export function contentOf(home: string): unknown {
  return withStore(home, (store) => ({ models: store.models.list(), datasets: store.datasets.list(), runs: store.runs.list(), checkpoints: store.checkpoints.list(), versions: filesOf(join(home, 'datasets')), folders: filesOf(join(home, 'runs')) }));
}

export function withStore<T>(home: string, look: (store: Store) => T): T {
  const store = openStore(home);
  try { return look(store); } finally { store.close(); }
}

/** Every file below a folder with its hash; empty folders count. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted().map((name) => {
    const path = join(folder, name);
    return [name, statSync(path).isDirectory() ? 'folder' : createHash('sha256').update(readFileSync(path)).digest('hex')];
  }));
}
