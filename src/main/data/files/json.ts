/**
 * JSON files: a list of objects, or an object that holds the list under `data`, `rows`, `examples` or `train`. Streamed: only one element is in memory, and every element knows its line.
 * A .json file that is JSON Lines by content is read as that.
 */
import { isRecord } from '../formats/value-type.ts';
import { isBlank, lines } from './lines.ts';
import { readJsonl } from './jsonl.ts';
import { parseRecord } from './parse-json.ts';
import { badSyntax, chunks, megabytes, MAX_RECORD_BYTES, type RawRecord, type ReadOptions, type SourceFile } from './source-file.ts';

const LIST_KEYS = ['data', 'rows', 'examples', 'train'];
const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a;
const isOpen = (b: number): boolean => b === 0x5b || b === 0x7b;
const isClose = (b: number): boolean => b === 0x5d || b === 0x7d;
const isSpace = (b: number): boolean => b === 0x20 || (b >= 0x09 && b <= 0x0d);

/** True when the first line alone is an object that is a row and not a container of rows. */
async function isReallyJsonl(source: SourceFile): Promise<boolean> {
  for await (const { bytes } of lines(source, {}, MAX_RECORD_BYTES)) {
    if (!bytes) return false;
    if (isBlank(bytes)) continue;
    const parsed = parseRecord(bytes, '');
    return 'record' in parsed && !LIST_KEYS.some((k) => Array.isArray(parsed.record[k]) && (parsed.record[k] as unknown[]).every(isRecord));
  }
  return false;
}

export async function* readJson(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> {
  if (await isReallyJsonl(source)) { yield* readJsonl(source, options); return; }
  const scan = new ElementScanner();
  for await (const chunk of chunks(source, options)) {
    yield* scan.push(chunk);
    if (scan.failed) return;
  }
  yield* scan.end();
}

/** Cuts the elements out of the list byte by byte: it follows strings and brackets only, the parser judges each element. */
class ElementScanner {
  failed = false;
  #line = 1;
  #afterReturn = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #root: 'none' | 'list' | 'object' = 'none';
  /** Depth at which elements stand; 0 while no list has been found. */
  #listDepth = 0;
  #closed = false;
  /** The last string at depth 1 of a root object: a key when a colon follows. */
  #key: number[] = [];
  #listNext = false;
  #parts: Uint8Array[] = [];
  #size = 0;
  #startLine = 0;
  #collecting = false;

  *push(chunk: Buffer): Generator<RawRecord> {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const b = chunk[i] ?? 0;
      if (b === 0x0a ? !this.#afterReturn : b === 0x0d) this.#line++;
      this.#afterReturn = b === 0x0d;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (b === BACKSLASH) this.#escaped = true;
        else if (b === QUOTE) this.#inString = false;
        if (this.#inString && this.#root === 'object' && this.#depth === 1 && this.#key.length < 64) this.#key.push(b);
        continue;
      }
      if (isSpace(b)) continue;
      if (this.#closed && this.#root === 'list') { yield this.#fail('There is text after the end of the list.'); return; }
      if (this.#root === 'none') {
        if (b !== 0x5b && b !== 0x7b) { yield this.#fail('The file must hold a JSON list of rows, or an object with the list under "data".'); return; }
        this.#root = b === 0x5b ? 'list' : 'object';
        this.#depth = 1;
        if (this.#root === 'list') this.#listDepth = 1;
        continue;
      }
      const inList = this.#listDepth > 0 && !this.#closed;
      if (inList && !this.#collecting && b !== COMMA && !isClose(b)) { this.#collecting = true; this.#startLine = this.#line; from = i; }
      if (b === QUOTE) {
        this.#inString = true;
        if (this.#root === 'object' && this.#depth === 1) { this.#key = []; this.#listNext = false; }
      } else if (inList && this.#depth === this.#listDepth && (b === COMMA || isClose(b))) {
        if (this.#collecting) { this.#keep(chunk.subarray(from, i)); yield this.#take(); }
        if (isClose(b)) { this.#depth--; this.#closed = true; }
      } else if (isOpen(b)) {
        if (this.#listNext && b === 0x5b && this.#depth === 1 && !this.#closed) this.#listDepth = 2;
        this.#listNext = false;
        this.#depth++;
      } else if (isClose(b)) this.#depth--;
      else if (b === COLON && this.#root === 'object' && this.#depth === 1) this.#listNext = LIST_KEYS.includes(Buffer.from(this.#key).toString('utf8'));
      else this.#listNext = false;
    }
    if (this.#collecting) this.#keep(chunk.subarray(from));
  }

  *end(): Generator<RawRecord> {
    if (this.#collecting) yield badSyntax(this.#startLine, 'The file ends inside this row, as if cut off.');
    else if (this.#root === 'object' && this.#listDepth === 0) yield badSyntax(1, `The file is one JSON object without a list of rows; put the rows into a list, or under one of ${LIST_KEYS.join(', ')}.`);
    else if (this.#root !== 'none' && !this.#closed) yield badSyntax(this.#line, 'The file ends before its list is closed, as if cut off.');
  }

  #fail(message: string): RawRecord { this.failed = true; return badSyntax(this.#line, message); }

  #keep(part: Uint8Array): void {
    this.#size += part.length;
    if (this.#size > MAX_RECORD_BYTES) this.#parts = []; else this.#parts.push(part);
  }

  #take(): RawRecord {
    const line = this.#startLine;
    const size = this.#size;
    const bytes = size > MAX_RECORD_BYTES ? null : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#collecting = false;
    if (!bytes) return badSyntax(line, `The row has ${megabytes(size)}; a record may have ${megabytes(MAX_RECORD_BYTES)} at most.`);
    const parsed = parseRecord(bytes, 'The row');
    return 'record' in parsed ? { line, record: parsed.record } : badSyntax(line, parsed.message);
  }
}
