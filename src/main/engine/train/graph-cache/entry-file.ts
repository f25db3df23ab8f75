/**
 * One kept graph as a file: magic, SHA-256 of all that follows, a line of JSON, the graph, the ONNX bytes. A file that is damaged, cut off, of another key or of another form is as good as
 * none, and removed. Written under a temporary name and renamed; a cache is not worth a flush, because the hash shows what a power cut left.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MAGIC = 'anneal-graph-1\n';
const DIGEST = 32;
const SUFFIX = '.graph';
const PART = '.part';
/** Bytes of the whole folder; the least recently used files go. */
const LIMIT = 256e6;
/** Age from which on an unfinished file is nobody's, in ms. */
const STALE = 3_600_000;

export interface Entry {
  graph: string;
  /** The model as it was written, and where it says that its weights lie. */
  onnx: Uint8Array;
  nodeCount: number;
  locations: [string, string][];
  /** What the planner read off the graph. */
  cost: unknown;
}

export function readEntry(folder: string, key: string): Entry | null {
  const path = join(folder, key + SUFFIX);
  let bytes: Buffer;
  try { bytes = readFileSync(path); } catch { return null; }
  const entry = parse(bytes, key);
  try {
    if (entry === null) rmSync(path, { force: true });
    else utimesSync(path, new Date(), new Date());
  } catch { /* a folder that cannot be written to can still be read */ }
  return entry;
}

function parse(bytes: Buffer, key: string): Entry | null {
  const start = MAGIC.length + DIGEST;
  if (bytes.length < start || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  const body = bytes.subarray(start);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(MAGIC.length, start))) return null;
  const line = body.indexOf(10);
  const head = JSON.parse(body.toString('utf8', 0, line)) as Omit<Entry, 'graph' | 'onnx'> & { key: string; graphBytes: number };
  if (head.key !== key) return null;
  const cut = line + 1 + head.graphBytes;
  return { graph: body.toString('utf8', line + 1, cut), onnx: body.subarray(cut), nodeCount: head.nodeCount, locations: head.locations, cost: head.cost };
}

/** Keeps an entry. A disk that is full or read-only costs the entry and nothing else. */
export function writeEntry(folder: string, key: string, { graph, onnx, ...rest }: Entry, limit = LIMIT): void {
  const path = join(folder, key + SUFFIX), part = `${path}-${process.pid}${PART}`;
  try {
    mkdirSync(folder, { recursive: true });
    const text = Buffer.from(graph);
    const body = Buffer.concat([Buffer.from(`${JSON.stringify({ key, graphBytes: text.length, ...rest })}\n`), text, onnx]);
    writeFileSync(part, Buffer.concat([Buffer.from(MAGIC), createHash('sha256').update(body).digest(), body]));
    renameSync(part, path);
    makeRoom(folder, limit);
  } catch {
    try { rmSync(part, { force: true }); } catch { /* nor was there a folder */ }
  }
}

function makeRoom(folder: string, limit: number): void {
  const now = Date.now();
  const kept: { path: string; size: number; time: number }[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { size, mtimeMs } = statSync(path);
    if (name.endsWith(PART) && now - mtimeMs > STALE) rmSync(path, { force: true });
    if (name.endsWith(SUFFIX)) kept.push({ path, size, time: mtimeMs });
  }
  let total = kept.reduce((n, f) => n + f.size, 0);
  for (const file of kept.toSorted((a, b) => a.time - b.time)) {
    if (total <= limit) break;
    rmSync(file.path, { force: true });
    total -= file.size;
  }
}
