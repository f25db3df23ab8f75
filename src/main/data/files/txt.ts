/** Plain text files: a row a line, or a row a paragraph (parted by blank lines). */
import { isBlank, lines } from './lines.ts';
import { badSyntax, megabytes, MAX_RECORD_BYTES, type RawRecord, type ReadOptions, type SourceFile } from './source-file.ts';

export async function* readTxt(source: SourceFile, options: ReadOptions = {}): AsyncGenerator<RawRecord> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const paragraphs = options.textUnit === 'paragraph';
  let block: string[] = [];
  let size = 0;
  let start = 0;
  const take = function* (): Generator<RawRecord> {
    if (block.length > 0) yield { line: start, record: { text: block.join('\n') } };
    block = [];
    size = 0;
  };
  for await (const { number, bytes, length } of lines(source, options, MAX_RECORD_BYTES)) {
    if (bytes && isBlank(bytes)) { yield* take(); continue; }
    if (!bytes || (size += length) > MAX_RECORD_BYTES) { yield* take(); yield badSyntax(number, `The text has ${megabytes(length)} or more without a break; a row may have ${megabytes(MAX_RECORD_BYTES)} at most.`); continue; }
    if (bytes.includes(0)) { yield badSyntax(number, 'The line holds a NUL byte; the file is damaged or not a text file.'); continue; }
    let text: string;
    try { text = decoder.decode(bytes); } catch { yield badSyntax(number, 'The line is not valid UTF-8; save the file as UTF-8.'); continue; }
    if (block.length === 0) start = number;
    block.push(text);
    if (!paragraphs) yield* take();
  }
  yield* take();
}
