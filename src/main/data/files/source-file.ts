/** Opening a dataset file: what it is, whether it can be text at all, and its bytes as a stream. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import type { BadRow, FileKind } from '../../../shared/formats.ts';
import type { JsonRecord } from '../formats/format.ts';

/** One record of a file, or why there is none. `line` counts from 1 and is where the record begins. */
export type RawRecord = { line: number; record: JsonRecord } | { line: number; error: BadRow };
export interface ReadOptions { signal?: AbortSignal | undefined; /** Bytes read so far. */ onBytes?: ((bytes: number) => void) | undefined; /** Plain text: what makes a row. */ textUnit?: 'line' | 'paragraph' | undefined }

/** A longer record is a bad row, and is never held in memory. */
export const MAX_RECORD_BYTES = 32 * 1024 * 1024;

const EXTENSIONS: Readonly<Record<string, FileKind>> = { '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.json': 'json', '.csv': 'csv', '.tsv': 'csv', '.txt': 'txt', '.text': 'txt', '.md': 'txt' };
/** First bytes of files that people try and that are no text. */
const BINARY: readonly [name: string, magic: readonly number[]][] = [
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]], ['a zip archive or spreadsheet', [0x50, 0x4b, 0x03, 0x04]], ['a gzip archive', [0x1f, 0x8b]], ['a zstd archive', [0x28, 0xb5, 0x2f, 0xfd]],
];

export interface SourceFile { path: string; name: string; bytes: number; kind: FileKind }

/** Looks at a file before it is read. Throws `file-not-found`, `file-unreadable`, `dataset-empty`, `dataset-format` (not a text file that Anneal reads) or `dataset-syntax` (UTF-16). */
export async function openSource(path: string): Promise<SourceFile> {
  const name = basename(path);
  let bytes: number;
  try {
    const s = await stat(path);
    if (!s.isFile()) throw new AnnealError('file-unreadable', `"${name}" is a folder; choose a JSONL, JSON, CSV or text file.`, { file: name });
    bytes = s.size;
  } catch (e) {
    if (e instanceof AnnealError) throw e;
    throw new AnnealError('file-not-found', `The file "${name}" does not exist.`, { file: name }, { cause: e });
  }
  if (bytes === 0) throw new AnnealError('dataset-empty', `"${name}" is empty; it has no rows.`, { file: name });
  const head = Buffer.alloc(4096);
  let length: number;
  try {
    const file = await open(path, 'r');
    try { length = (await file.read(head, 0, head.length, 0)).bytesRead; } finally { await file.close(); }
  } catch (e) { throw new AnnealError('file-unreadable', `"${name}" cannot be read; check its permissions.`, { file: name }, { cause: e }); }
  const binary = BINARY.find(([, magic]) => magic.every((b, i) => head[i] === b));
  if (binary) throw new AnnealError('dataset-format', `"${name}" is ${binary[0]}; unpack or convert it to JSONL, JSON or CSV first.`, { file: name });
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) throw new AnnealError('dataset-syntax', `"${name}" is UTF-16; save it as UTF-8.`, { file: name });
  const kind = EXTENSIONS[extname(name).toLowerCase()] ?? sniffKind(head.toString('utf8', 0, length));
  if (!kind) throw new AnnealError('dataset-format', `"${name}" has an unknown ending; name it .jsonl, .json, .csv, .tsv or .txt.`, { file: name });
  return { path, name, bytes, kind };
}

function sniffKind(head: string): FileKind | null {
  const start = head.replace(/^\ufeff/, '').trimStart();
  return start.startsWith('{') ? 'jsonl' : start.startsWith('[') ? 'json' : null;
}

/** The file's bytes without a UTF-8 byte order mark. Throws `cancelled` or `file-unreadable`. */
export async function* chunks(source: SourceFile, options: ReadOptions): AsyncGenerator<Buffer> {
  let seen = 0;
  let first = true;
  try {
    for await (const chunk of createReadStream(source.path, { highWaterMark: 256 * 1024 })) {
      if (options.signal?.aborted) throw new AnnealError('cancelled', 'Reading the file was cancelled.');
      let bytes = chunk as Buffer;
      seen += bytes.length;
      options.onBytes?.(seen);
      if (first && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
      first = false;
      yield bytes;
    }
  } catch (e) {
    if (e instanceof AnnealError) throw e;
    throw new AnnealError('file-unreadable', `"${source.name}" cannot be read to its end: ${e instanceof Error ? e.message : String(e)}`, { file: source.name }, { cause: e });
  }
}

export const badSyntax = (line: number, message: string): RawRecord => ({ line, error: { line, code: 'dataset-syntax', message } });
export const megabytes = (n: number): string => `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)} MB`;
