// Writes the pre-training corpus to .cache/demo/corpus.jsonl: one {"text"} a line, plain documents, the same bytes for the same seed.
// Run: node scripts/demo/make-corpus.ts [megabytes]. About 4 characters make a token.

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documentKinds } from './corpus/kinds.ts';
import { seeded } from './random.ts';
import type { World } from './world.ts';
import { makeWorld, worldSeed } from './world.ts';

export const corpusPath = fileURLToPath(new URL('../../.cache/demo/corpus.jsonl', import.meta.url));
export const corpusCharacters = 30_000_000;

/** Yields documents until `characters` characters were written; the first documents do not depend on the total. */
export function* documents(characters: number, world: World = makeWorld(), seed: number = worldSeed): Generator<{ kind: string; text: string }> {
  const random = seeded(seed, 'corpus');
  const table = documentKinds.map((kind) => ({ weight: kind.weight, value: kind }));
  let written = 0;
  while (written < characters) {
    const kind = random.weighted(table);
    const text = kind.write(world, random);
    written += text.length;
    yield { kind: kind.name, text };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const characters = process.argv[2] ? Number(process.argv[2]) * 1e6 : corpusCharacters;
  const lines: string[] = [];
  const perKind = new Map<string, number>();
  for (const { kind, text } of documents(characters)) {
    lines.push(JSON.stringify({ text }));
    perKind.set(kind, (perKind.get(kind) ?? 0) + text.length);
  }
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  mkdirSync(fileURLToPath(new URL('../../.cache/demo/', import.meta.url)), { recursive: true });
  writeFileSync(corpusPath, bytes);
  for (const [kind, count] of [...perKind].sort((a, b) => b[1] - a[1])) console.log(`${kind.padEnd(16)} ${((100 * count) / characters).toFixed(1)} %`);
  console.log(`${lines.length} documents, ${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`);
}
