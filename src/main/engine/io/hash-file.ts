/** SHA-256 of a file, read in pieces: the name under which weights are compared. */

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

export function hashFile(path: string): string {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(1 << 22);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const n = readSync(file, piece, 0, piece.length, null);
      if (n === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, n));
    }
  } finally {
    closeSync(file);
  }
}
