/** JSON Lines: one object a line. Blank lines are skipped. */
import { isBlank, lines } from './lines.ts';
import { parseRecord } from './parse-json.ts';
import { badSyntax, megabytes, MAX_RECORD_BYTES, type RawRecord, type ReadOptions, type SourceFile } from './source-file.ts';

export async function* readJsonl(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> {
  for await (const { number, bytes, length } of lines(source, options, MAX_RECORD_BYTES)) {
    if (!bytes) { yield badSyntax(number, `The line has ${megabytes(length)}; a record may have ${megabytes(MAX_RECORD_BYTES)} at most.`); continue; }
    if (isBlank(bytes)) continue;
    const parsed = parseRecord(bytes, 'The line');
    yield 'record' in parsed ? { line: number, record: parsed.record } : badSyntax(number, parsed.message);
  }
}
