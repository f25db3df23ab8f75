// resources/demo/manifest.json: the seed, the corpus by its hashes, and the hash of every file beside it.
// Run: node scripts/demo/manifest.ts, after the other scripts.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { corpusCharacters, documents } from './make-corpus.ts';
import { worldSeed } from './world.ts';

export const demoFolder = fileURLToPath(new URL('../../resources/demo/', import.meta.url));
/** The part of the corpus that a quick check hashes. */
export const corpusHeadCharacters = 2_000_000;

export interface Manifest {
  readonly seed: number;
  readonly corpus: { readonly characters: number; readonly documents: number; readonly sha256: string; readonly headCharacters: number; readonly headSha256: string };
  readonly files: Readonly<Record<string, string>>;
}

function hashDocuments(characters: number): { documents: number; sha256: string } {
  const hash = createHash('sha256');
  let count = 0;
  for (const { text } of documents(characters)) {
    hash.update(`${JSON.stringify({ text })}\n`);
    count++;
  }
  return { documents: count, sha256: hash.digest('hex') };
}

export function corpusHead(): string {
  return hashDocuments(corpusHeadCharacters).sha256;
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(demoFolder, 'manifest.json'), 'utf8')) as Manifest;
}

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`) : [prefix + entry.name]))
    .filter((name) => name !== 'manifest.json' && !name.endsWith('.md'))
    .sort();
}

/** Hashes of the files below resources/demo, texts about them left out. */
export function fileHashes(): Record<string, string> {
  return Object.fromEntries(filesBelow(demoFolder).map((name) => [name, createHash('sha256').update(readFileSync(join(demoFolder, name))).digest('hex')]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const manifest: Manifest = {
    seed: worldSeed,
    corpus: { characters: corpusCharacters, ...hashDocuments(corpusCharacters), headCharacters: corpusHeadCharacters, headSha256: corpusHead() },
    files: fileHashes(),
  };
  writeFileSync(join(demoFolder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${Object.keys(manifest.files).length} files, corpus ${manifest.corpus.sha256}`);
}
