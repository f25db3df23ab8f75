/** A hash of the code that makes graphs: the engine's sources, or the bundle that they were built into. What another version of Anneal has kept is never used. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
/** Folders of the engine that a training graph depends on, and the methods' schemas. */
const SOURCES = ['graph', 'onnx', 'nn', 'models', 'methods', 'train', 'runtime', '../../shared/methods'];

let known: string | undefined;

export function codeVersion(): string {
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  const fromSource = here.endsWith('.ts');
  // A bundle is its entries and, below them, their common parts.
  const root = fromSource ? join(dirname(here), '../..') : basename(dirname(here)) === 'chunks' ? join(dirname(here), '..') : dirname(here);
  for (const folder of fromSource ? SOURCES : ['.']) for (const path of files(join(root, folder), fromSource ? '.ts' : '.cjs')) hash.update(`${path.slice(root.length)}\0`).update(readFileSync(path));
  known = hash.digest('hex');
  return known;
}

function files(folder: string, suffix: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((e) => (e.isDirectory() ? files(join(folder, e.name), suffix) : e.name.endsWith(suffix) ? [join(folder, e.name)] : []));
}
