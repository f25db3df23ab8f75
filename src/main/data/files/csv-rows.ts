/**
 * CSV cells, streaming (RFC 4180, any line end, any one-character delimiter). Written here because a broken row must cost that row only, and every row must know its line.
 * A quote inside an unquoted cell stands for itself. Text after a closing quote spoils the row; reading goes on at the next line.
 */
export type CsvRow = { line: number; cells: string[] } | { line: number; problem: string };

const QUOTE = 0x22, LF = 0x0a, CR = 0x0d;

export class CsvRows {
  readonly #delimiter: number;
  readonly #limit: number;
  #line = 1;
  #startLine = 1;
  #afterReturn = false;
  #cells: string[] = [];
  #cell = '';
  #size = 0;
  #any = false;
  /** start: at the beginning of a cell; plain, quoted; closed: after a closing quote, which a second quote reopens; skip: to the end of a spoilt line. */
  #state: 'start' | 'plain' | 'quoted' | 'closed' | 'skip' = 'start';

  /** `limit`: characters of a row. */
  constructor(delimiter: string, limit: number) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#limit = limit;
  }

  /** Rows that this text completes. Blank lines give none. */
  *push(text: string): Generator<CsvRow> {
    let from = 0; // start of what is not yet copied into the cell
    const copy = (to: number): void => {
      if (to > from) { this.#size += to - from; if (this.#size <= this.#limit) this.#cell += text.slice(from, to); else this.#cell = ''; }
      from = to;
    };
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      const second = c === LF && this.#afterReturn; // of \r\n: no line end of its own
      this.#afterReturn = c === CR;
      if ((c === LF || c === CR) && !second) this.#line++;
      if (this.#state === 'quoted') {
        if (c === QUOTE) { copy(i); from = i + 1; this.#state = 'closed'; }
        continue;
      }
      if (second) { from = i + 1; this.#startLine = this.#line; continue; }
      if (c === LF || c === CR) {
        if (this.#state === 'plain') copy(i);
        if (this.#state !== 'skip') yield* this.#row();
        this.#begin();
        from = i + 1;
      } else if (this.#state === 'skip') {
        from = i + 1;
      } else if (c === this.#delimiter) {
        if (this.#state === 'plain') copy(i);
        this.#end();
        from = i + 1;
      } else if (this.#state === 'start') {
        this.#any = true;
        if (c === QUOTE) { this.#state = 'quoted'; from = i + 1; } else { this.#state = 'plain'; from = i; }
      } else if (this.#state === 'closed') {
        if (c === QUOTE) { this.#cell += '"'; this.#size++; this.#state = 'quoted'; from = i + 1; continue; }
        yield { line: this.#startLine, problem: 'A quoted cell goes on after its closing quote; write quotes inside of a cell twice.' };
        this.#state = 'skip';
        from = i + 1;
      }
    }
    if (this.#state === 'plain' || this.#state === 'quoted') copy(text.length);
  }

  /** What the end of the file completes. */
  *end(): Generator<CsvRow> {
    if (this.#state === 'quoted') yield { line: this.#startLine, problem: `A quoted cell is never closed, so lines ${this.#startLine} to ${this.#line} cannot be read.` };
    else if (this.#state !== 'skip') yield* this.#row();
  }

  #end(): void { this.#cells.push(this.#cell); this.#cell = ''; this.#state = 'start'; this.#any = true; }

  *#row(): Generator<CsvRow> {
    if (!this.#any && this.#cells.length === 0) return;
    this.#end();
    yield this.#size > this.#limit ? { line: this.#startLine, problem: `The row is longer than ${Math.round(this.#limit / 1e6)} million characters.` } : { line: this.#startLine, cells: this.#cells };
  }

  #begin(): void {
    this.#startLine = this.#line;
    this.#cells = [];
    this.#cell = '';
    this.#size = 0;
    this.#any = false;
    this.#state = 'start';
  }
}
