/** CSV with a header: commas, semicolons, tabs or bars (whichever the header has most of), quotes, any line ends. All cells are text; cells of fields that are lists elsewhere may hold JSON. */
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { AnnealError } from '../../../shared/errors.ts';
import type { BadRow } from '../../../shared/formats.ts';
import type { JsonRecord } from '../formats/format.ts';
import { lines } from './lines.ts';
import { parseValue } from './parse-json.ts';
import { badSyntax, chunks, megabytes, MAX_RECORD_BYTES, type RawRecord, type ReadOptions, type SourceFile } from './source-file.ts';

const DELIMITERS = [',', ';', '\t', '|'];
/** Fields that hold JSON in a cell. */
export const JSON_CELLS: ReadonlySet<string> = new Set(['messages', 'conversations', 'tools', 'tags', 'history']);

/** The delimiter that stands most often outside of quotes in the first line; a comma when there is none. */
export function delimiterOf(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, '');
  const counts = DELIMITERS.map((d) => bare.split(d).length - 1);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

async function firstLine(source: SourceFile): Promise<string> {
  for await (const { bytes } of lines(source, {}, 1024 * 1024)) return bytes ? Buffer.from(bytes).toString('utf8') : '';
  return '';
}

async function* text(source: SourceFile, options: ReadOptions): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let line = 1;
  const decode = (bytes?: Buffer): string => {
    try { return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode(); } catch (e) {
      throw new AnnealError('dataset-syntax', `"${source.name}" is not valid UTF-8 near line ${line}; save it as UTF-8.`, { line }, { cause: e });
    }
  };
  for await (const chunk of chunks(source, options)) {
    const part = decode(chunk);
    line += part.split('\n').length - 1;
    if (part !== '') yield part;
  }
  yield decode();
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'A quoted cell is never closed, so the rest of the file would be one cell.',
  CSV_INVALID_CLOSING_QUOTE: 'A quoted cell goes on after its closing quote; write quotes inside of a cell twice.',
  INVALID_OPENING_QUOTE: 'A quote stands inside of a cell that does not begin with one; quote the whole cell and write the quote twice.',
  CSV_MAX_RECORD_SIZE: `The row is longer than ${megabytes(MAX_RECORD_BYTES)}.`,
};

function cell(column: string, value: string): unknown {
  if (!JSON_CELLS.has(column) || !/^\s*[[{]/.test(value)) return value;
  try { return parseValue(value); } catch { return value; }
}

export async function* readCsv(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> {
  const skipped: BadRow[] = [];
  const parser = parse({
    delimiter: source.name.toLowerCase().endsWith('.tsv') ? '\t' : delimiterOf(await firstLine(source)), record_delimiter: ['\r\n', '\n', '\r'], max_record_size: MAX_RECORD_BYTES,
    relax_column_count: true, skip_empty_lines: true, skip_records_with_error: true, info: true, raw: true,
    on_skip: (e) => { const line = lineOf(e); skipped.push({ line, code: 'dataset-syntax', message: reasonOf(e) }); return undefined; },
  });
  const input = Readable.from(text(source, options));
  input.on('error', (e) => parser.destroy(e));
  input.pipe(parser);
  let columns: string[] | null = null;
  try {
    for await (const item of parser as AsyncIterable<{ record: string[]; raw: string; info: { lines: number } }>) {
      while (skipped.length > 0) { const bad = skipped.shift(); if (bad) yield { line: bad.line, error: bad }; }
      const { record, raw, info } = item;
      const line = info.lines - (raw.replace(/(\r\n|\n|\r)$/, '').match(/\r\n|\n|\r/g)?.length ?? 0);
      if (!columns) { columns = header(record, source.name); continue; }
      if (record.length !== columns.length) { yield badSyntax(line, `The row has ${record.length} cells, but the header has ${columns.length}.`); continue; }
      if (raw.includes('\u0000')) { yield badSyntax(line, 'The row holds a NUL byte; the file is damaged or not a text file.'); continue; }
      const out: JsonRecord = {};
      columns.forEach((c, i) => { out[c] = cell(c, record[i] ?? ''); });
      yield { line, record: out };
    }
  } catch (e) {
    if (e instanceof AnnealError) throw e;
    yield badSyntax(lineOf(e), reasonOf(e));
  } finally {
    input.destroy();
    parser.destroy();
  }
  for (const bad of skipped) yield { line: bad.line, error: bad };
}

function lineOf(e: unknown): number { const lines: unknown = e instanceof CsvError ? e['lines'] : undefined; return typeof lines === 'number' ? lines : 1; }
function reasonOf(e: unknown): string { return e instanceof CsvError ? (REASONS[e.code] ?? `The row cannot be read: ${e.message}`) : `The row cannot be read: ${e instanceof Error ? e.message : String(e)}`; }

/** Column names without white space at the edges; unnamed columns get a number. */
function header(record: readonly string[], file: string): string[] {
  const names = record.map((c, i) => c.trim() || `column ${i + 1}`);
  const twice = names.find((c, i) => names.indexOf(c) !== i);
  if (twice !== undefined) throw new AnnealError('dataset-columns', `"${file}" has two columns called "${twice}"; give each its own name.`, { column: twice });
  return names;
}
