/** Lines of a file, whatever its line ends are (\n, \r\n, \r, mixed), with their numbers. A line above the limit is skipped without being held, and reported by its size. */
import { chunks, type ReadOptions, type SourceFile } from './source-file.ts';

/** `bytes` is null for a line above the limit. */
export interface Line { number: number; bytes: Uint8Array | null; length: number }

export async function* lines(source: SourceFile, options: ReadOptions, limit: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  let afterReturn = false;
  const take = (): Line => {
    const line: Line = { number, bytes: length > limit ? null : Buffer.concat(parts, length), length };
    parts = [];
    length = 0;
    number++;
    return line;
  };
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > limit) parts = []; else if (part.length > 0) parts.push(part);
  };
  for await (const chunk of chunks(source, options)) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const b = chunk[i];
      if (b !== 0x0a && b !== 0x0d) { afterReturn = false; continue; }
      if (b === 0x0a && afterReturn) { afterReturn = false; start = i + 1; continue; } // the second half of \r\n
      keep(chunk.subarray(start, i));
      yield take();
      start = i + 1;
      afterReturn = b === 0x0d;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

export const isBlank = (bytes: Uint8Array): boolean => bytes.every((b) => b === 0x20 || b === 0x09);
