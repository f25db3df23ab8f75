/** The name of a set of weights: a hash of the bytes of its safetensors files, in name order, and of the GGUF file that the folder references. Files above 4 GiB in all are sampled (header, length and 256 evenly spaced blocks), and the name says so with a leading `~`. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { referencedFile } from './weight-references.ts';

const BLOCK = 1 << 22;
const FULL_LIMIT = 4 * 2 ** 30;
const SAMPLES = 256;

export interface WeightHash { hash: string; bytes: number }

/** 12 hex digits (with `~` in front when sampled), and the bytes of all weight files. */
export function weightHash(folder: string): WeightHash {
  const gguf = referencedFile(folder);
  const files = readdirSync(folder).filter((f) => f.endsWith('.safetensors') && !f.startsWith('optimizer')).sort().map((f) => join(folder, f));
  return hashOfFiles(gguf === null ? files : [...files, gguf]);
}

/** The same of files that are named, in this order. */
export function hashOfFiles(files: readonly string[]): WeightHash {
  const opened = files.map((f) => { const fd = openSync(f, 'r'); return { fd, size: fstatSync(fd).size }; });
  try {
    const bytes = opened.reduce((n, f) => n + f.size, 0);
    const hash = createHash('sha256');
    const sampled = bytes > FULL_LIMIT;
    const buffer = Buffer.allocUnsafe(BLOCK);
    const feed = (fd: number, position: number): number => { const n = readSync(fd, buffer, 0, BLOCK, position); hash.update(buffer.subarray(0, n)); return n; };
    for (const { fd, size } of opened) {
      hash.update(String(size));
      if (sampled) for (let k = 0; k < SAMPLES; k++) feed(fd, Math.floor((k * Math.max(0, size - BLOCK)) / (SAMPLES - 1)));
      else for (let at = 0; at < size;) { const n = feed(fd, at); if (n === 0) break; at += n; }
    }
    return { hash: (sampled ? '~' : '') + hash.digest('hex').slice(0, 12), bytes };
  } finally {
    for (const { fd } of opened) closeSync(fd);
  }
}
