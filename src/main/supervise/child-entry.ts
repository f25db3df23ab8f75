/** Where the entry file of a child process is: the TypeScript source when running from source, the bundle when bundled. */
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EntryName } from './spawner.ts';

const here = fileURLToPath(import.meta.url);
/** Whether this code runs from `src` (Node strips the types) rather than from `out`. */
export const fromSource = here.endsWith('.ts');

/** The folder of the bundle (`out/main`) or of the source (`src/main`). */
export function mainFolder(): string {
  const folder = dirname(here);
  if (fromSource) return dirname(folder);
  return basename(folder) === 'chunks' ? dirname(folder) : folder;
}

export function childEntry(name: EntryName): string {
  if (fromSource) return join(mainFolder(), name, 'entry.ts');
  // a plain Node can't read inside an asar archive
  return join(mainFolder(), `${name}.cjs`).replace(`app.asar${sep}`, `app.asar.unpacked${sep}`);
}
