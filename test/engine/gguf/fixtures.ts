/** Fixtures made by test/oracle/make_gguf.py, and temporary folders. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { tokenizerFromEntries } from '../../../src/main/engine/io/gguf/tokenizer/tokenizer-from-gguf.ts';
import type { GgufValue } from '../../../src/main/engine/io/gguf/gguf-types.ts';

export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/gguf/${name}`, import.meta.url));
export const fixtureJson = <T>(name: string): T => JSON.parse(readFileSync(fixture(name), 'utf8')) as T;
export const demoModel = fileURLToPath(new URL('../../../resources/demo/model', import.meta.url));
export const floats = (base64: string): Float32Array => { const b = Uint8Array.from(Buffer.from(base64, 'base64')); return new Float32Array(b.buffer); };
export const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

/** A folder that goes when the tests of the file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-gguf-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  return folder;
}

export function tokenizerOf(entries: Record<string, GgufValue | null | undefined>): Tokenizer {
  const made = tokenizerFromEntries((key) => entries[key]);
  return new Tokenizer({ tokenizer: made.json, config: made.config, generation: {}, template: null });
}
