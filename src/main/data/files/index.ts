/** The registry of file kinds: one line each. */
import type { FileKind } from '../../../shared/formats.ts';
import { readCsv } from './csv.ts';
import { readJson } from './json.ts';
import { readJsonl } from './jsonl.ts';
import type { RawRecord, ReadOptions, SourceFile } from './source-file.ts';
import { readTxt } from './txt.ts';

export const FILE_READERS = { jsonl: readJsonl, json: readJson, csv: readCsv, txt: readTxt } as const satisfies Record<FileKind, (source: SourceFile, options?: ReadOptions) => AsyncGenerator<RawRecord>>;

/** Records of a file, in order, bad ones as errors in their place. */
export function readRecords(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> { return FILE_READERS[source.kind](source, options); }
