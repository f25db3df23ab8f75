/** Reads a dataset version: random access by row index, iteration, search. Memory does not grow with the dataset (8 bytes a row for the index). */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { canonicalRow, type CanonicalRow, type Message } from '../../../shared/formats.ts';
import { decodeIndex } from './row-index.ts';
import { INDEX_FILE, META_FILE, ROWS_FILE, versionMeta, type VersionMeta } from './version-meta.ts';

const BLOCK_ROWS = 256;
/** Bytes read at once while iterating; one longer row is still read whole. */
const BLOCK_BYTES = 4 * 1024 * 1024;

export interface SearchHit { index: number; /** Text round the match. */ snippet: string }

const turns = (v: string | readonly Message[]): string => (typeof v === 'string' ? v : v.map((m) => m.content ?? '').join('\n'));
/** All text of a row, for search and for counting. */
export function rowText(row: CanonicalRow): string {
  switch (row.kind) {
    case 'messages': return turns(row.messages);
    case 'prompt-completion': return `${turns(row.prompt)}\n${turns(row.completion)}`;
    case 'text': return row.text;
    case 'preference': return `${turns(row.prompt)}\n${turns(row.chosen)}\n${turns(row.rejected)}`;
    case 'unpaired-preference': return `${turns(row.prompt)}\n${turns(row.completion)}`;
  }
}

/** What a row asks: the prompt where it has one, else null. */
export function rowPrompt(row: CanonicalRow): string | null {
  return 'prompt' in row ? turns(row.prompt) : null;
}

export class Dataset implements AsyncIterable<CanonicalRow> {
  readonly dir: string;
  readonly meta: VersionMeta;
  readonly #file: FileHandle;
  readonly #offsets: Float64Array;

  constructor(dir: string, meta: VersionMeta, file: FileHandle, offsets: Float64Array) {
    this.dir = dir;
    this.meta = meta;
    this.#file = file;
    this.#offsets = offsets;
  }

  get count(): number { return this.#offsets.length - 1; }

  /** Row `index`, from 0. Throws `not-found` outside of the dataset. */
  async row(index: number): Promise<CanonicalRow> {
    const [row] = await this.rows(index, 1);
    if (!row) throw new AnnealError('not-found', `Row ${index} does not exist; the dataset has ${this.count} rows, counted from 0.`, { row: index });
    return row;
  }

  /** Up to `limit` rows from `offset`; fewer at the end, none outside. */
  async rows(offset: number, limit: number): Promise<CanonicalRow[]> {
    const from = Math.max(0, Math.trunc(offset));
    const to = Math.min(this.count, from + Math.max(0, Math.trunc(limit)));
    if (!(from < to)) return [];
    const start = this.#offsets[from] ?? 0;
    const size = (this.#offsets[to] ?? 0) - start;
    const buffer = Buffer.allocUnsafe(size);
    for (let done = 0; done < size;) {
      const { bytesRead } = await this.#file.read(buffer, done, size - done, start + done);
      if (bytesRead === 0) throw this.#damaged('rows.jsonl ends too early');
      done += bytesRead;
    }
    return Array.from({ length: to - from }, (_, k) => this.#parse(buffer.toString('utf8', (this.#offsets[from + k] ?? 0) - start, (this.#offsets[from + k + 1] ?? 0) - start), from + k));
  }

  #parse(line: string, index: number): CanonicalRow {
    let value: unknown;
    try { value = JSON.parse(line); } catch (e) { throw this.#damaged(`row ${index} is not valid JSON`, e); }
    const row = canonicalRow.safeParse(value);
    if (!row.success) throw this.#damaged(`row ${index} is not a canonical row`);
    return row.data;
  }

  #damaged(what: string, cause?: unknown): AnnealError {
    return new AnnealError('dataset-syntax', `The dataset version "${basename(this.dir).slice(0, 16)}" is damaged: ${what}. Import the file again.`, {}, { cause });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanonicalRow> {
    for (let i = 0; i < this.count;) {
      let n = 1;
      while (n < BLOCK_ROWS && i + n < this.count && (this.#offsets[i + n + 1] ?? 0) - (this.#offsets[i] ?? 0) <= BLOCK_BYTES) n++;
      yield* await this.rows(i, n);
      i += n;
    }
  }

  /** Rows whose text holds `query`, ignoring case, in order. */
  async search(query: string, options: { offset?: number; limit?: number; signal?: AbortSignal } = {}): Promise<SearchHit[]> {
    const needle = query.toLowerCase();
    const hits: SearchHit[] = [];
    const limit = options.limit ?? 100;
    if (needle === '' || limit <= 0) return hits;
    let index = 0;
    let skipped = 0;
    for await (const row of this) {
      if (options.signal?.aborted) throw new AnnealError('cancelled', 'The search was cancelled.');
      const text = rowText(row);
      const at = text.toLowerCase().indexOf(needle);
      if (at >= 0 && skipped++ >= (options.offset ?? 0)) {
        hits.push({ index, snippet: text.slice(Math.max(0, at - 40), at + query.length + 80).toWellFormed() });
        if (hits.length >= limit) break;
      }
      index++;
    }
    return hits;
  }

  async close(): Promise<void> { await this.#file.close(); }
}

/** Opens a version folder. Throws `file-not-found` when its folder is gone, `dataset-syntax` when its files do not fit together. Close it after use. */
export async function openDataset(dir: string): Promise<Dataset> {
  const name = basename(dir).slice(0, 16);
  const damaged = (what: string, cause?: unknown): AnnealError => new AnnealError('dataset-syntax', `The dataset version "${name}" is damaged: ${what}. Import the file again.`, {}, { cause });
  let source: string;
  try { source = await readFile(join(dir, META_FILE), 'utf8'); } catch (e) { throw new AnnealError('file-not-found', `The rows of the dataset version "${name}" are gone: import the file again.`, {}, { cause: e }); }
  let meta: VersionMeta;
  try { meta = versionMeta.parse(JSON.parse(source)); } catch (e) { throw damaged('meta.json is not valid', e); }
  let file: FileHandle;
  try { file = await open(join(dir, ROWS_FILE), 'r'); } catch (e) { throw damaged('rows.jsonl is missing', e); }
  try {
    const { size } = await file.stat();
    const offsets = decodeIndex(await readFile(join(dir, INDEX_FILE)), size);
    if (!offsets || offsets.length !== meta.rows + 1 || size !== meta.bytes) throw damaged('its index does not fit its rows');
    return new Dataset(dir, meta, file, offsets);
  } catch (e) {
    await file.close();
    throw e instanceof AnnealError ? e : damaged('rows.idx is missing', e);
  }
}
