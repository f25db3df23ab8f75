/** Writes the small files of an export, flushed to the disk. */
import { join } from 'node:path';
import { writeFileDurably } from '../io/durable.ts';
import type { WriteContext } from './exporter.ts';
import type { SideFile } from './side-files.ts';

export function writeSideFiles({ folder, onBytes, signal }: WriteContext, files: readonly SideFile[]): void {
  for (const file of files) {
    signal.throwIfAborted();
    writeFileDurably(join(folder, file.name), file.read());
    onBytes(file.bytes);
  }
}
