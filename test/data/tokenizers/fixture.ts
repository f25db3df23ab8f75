/** Reads the fixtures that test/oracle/make_tokenizers.py made. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '../../../src/main/data/tokenizer/files.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/tokenizers');
export interface TokenizerFixture {
  made_with: string; tokenizer: JsonObject; config: JsonObject; size: number; prefix: number[]; suffix: number[]; ids: number[][];
  /** null: equal to the string (decoded), to `decoded` (the others). */
  decoded: (string | null)[]; skipped: (string | null)[]; cleaned: (string | null)[]; default: (string | null)[];
  noise: number[][]; noise_decoded: string[]; noise_skipped: string[];
}
const read = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(join(FOLDER, name))).toString('utf8'));
export const STRINGS = read('strings.json.gz') as string[];
export const STYLES = readdirSync(FOLDER).filter((n) => n.endsWith('.json.gz') && n !== 'strings.json.gz').map((n) => n.replace('.json.gz', ''));
export const tokenizerFixture = (style: string): TokenizerFixture => read(`${style}.json.gz`) as TokenizerFixture;
