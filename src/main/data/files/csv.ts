/** CSV with a header: commas, semicolons, tabs or bars (whichever the header has most of), quotes, any line ends. All cells are text; cells of fields that are lists elsewhere may hold JSON. */
import { AnnealError } from '../../../shared/errors.ts';
import { CsvRows, type CsvRow } from './csv-rows.ts';
import { lines } from './lines.ts';
import { parseCell } from './parse-json.ts';
import { badSyntax, chunks, MAX_RECORD_BYTES, type RawRecord, type ReadOptions, type SourceFile } from './source-file.ts';

const DELIMITERS = [',', ';', '\t', '|'];
/** Fields that hold JSON in a cell. */
export const JSON_CELLS: ReadonlySet<string> = new Set(['messages', 'conversations', 'tools', 'tags', 'history']);

/** Fields that hold text or, as JSON, turns. */
const TURN_CELLS: ReadonlySet<string> = new Set(['prompt', 'completion', 'chosen', 'rejected']);
const TURNS = /^\s*\[\s*\{\s*"(?:role|content|from)"\s*:/;

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
  const rest = decode();
  if (rest !== '') yield rest;
}

function cell(column: string, value: string): unknown {
  return (JSON_CELLS.has(column) && /^\s*[[{]/.test(value)) || (TURN_CELLS.has(column) && TURNS.test(value)) ? parseCell(value) : value;
}

export async function* readCsv(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> {
  const parser = new CsvRows(source.name.toLowerCase().endsWith('.tsv') ? '\t' : delimiterOf(await firstLine(source)), MAX_RECORD_BYTES);
  let columns: string[] | null = null;
  const record = (row: CsvRow): RawRecord | null => {
    const { line } = row;
    if ('problem' in row) return badSyntax(line, row.problem);
    if (!columns) { columns = header(row.cells, source.name); return null; }
    if (row.cells.length !== columns.length) return badSyntax(line, `The row has ${row.cells.length} cells, but the header has ${columns.length}.`);
    if (row.cells.some((c) => c.includes('\u0000'))) return badSyntax(line, 'The row holds a NUL byte; the file is damaged or not a text file.');
    return { line, record: Object.fromEntries(columns.map((c, i) => [c, cell(c, row.cells[i] ?? '')])) };
  };
  for await (const part of text(source, options)) for (const row of parser.push(part)) { const r = record(row); if (r) yield r; }
  for (const row of parser.end()) { const r = record(row); if (r) yield r; }
}

/** Column names without white space at the edges; unnamed columns get a number. */
function header(record: readonly string[], file: string): string[] {
  const names = record.map((c, i) => (c.trim() === '__proto__' ? '' : c.trim()) || `column ${i + 1}`);
  const twice = names.find((c, i) => names.indexOf(c) !== i);
  if (twice !== undefined) throw new AnnealError('dataset-columns', `"${file}" has two columns called "${twice}"; give each its own name.`, { column: twice });
  return names;
}
