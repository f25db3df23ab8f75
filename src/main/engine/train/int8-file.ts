/**
 * 8-bit copies of frozen layers as a file that sessions map: made once per model, found again by later runs. One page of header (magic, SHA-256 of all that follows), then each matrix at a page boundary, its scales behind its codes. A file that is damaged or cut off is made again.
 * Written under a temporary name and renamed; not flushed, because the hash shows what a power cut left.
 */

import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import type { WeightSource } from '../graph/node.ts';
import type { LinearShape } from '../nn/adapted-linear.ts';
import { roundColumns } from '../nn/int8-columns.ts';
import { rotationOf, squaredColumns, type Int8Matrix, type Int8Tensor, type StoredInt8, type StoredMatrix } from '../nn/int8-weight.ts';

/** `places`: where the parts of each layer begin, in the order of the file. */
export interface Int8File { path: string; bytes: number; places: ReadonlyMap<string, readonly { offset: number; byteLength: number }[]> }

const MAGIC = 'anneal-int8-1\n';
const DIGEST = 32;
const PAGE = 4096;
const BLOCK = 1 << 22;
const SUFFIX = '.int8', PART = '.part';
/** Bytes of the folder; the least recently used files go. A run whose file went makes it again when it opens another session. */
const LIMIT = 8e9;
/** Age from which on an unfinished file is nobody's, in ms. */
const STALE = 3_600_000;

/** Where everything will lie. The name says the weights, the layers, and the code that rounds. */
export function planInt8File(folder: string, identity: string, linears: readonly (LinearShape & { norms: boolean })[]): { layers: Map<string, StoredInt8>; file: Int8File } {
  const shapes = linears.map((l) => [l.module, l.inFeatures, l.outFeatures, l.transposed === true, l.norms]);
  const key = createHash('sha256').update(JSON.stringify([identity, shapes, String(roundColumns), String(rotationOf), String(squaredColumns)])).digest('hex').slice(0, 32);
  const path = join(folder, key + SUFFIX);
  let end = PAGE;
  const places = new Map<string, { offset: number; byteLength: number }[]>();
  const layers = new Map(linears.map((l): [string, StoredInt8] => {
    const own: { offset: number; byteLength: number }[] = [];
    const place = (byteLength: number, boundary: number): WeightSource => {
      const offset = Math.ceil(end / boundary) * boundary;
      end = offset + byteLength;
      own.push({ offset, byteLength });
      return { kind: 'file', path, offset, byteLength };
    };
    const matrix = (k: number, n: number): StoredMatrix => ({ k, n, codes: place(k * n, PAGE), scales: place(4 * n, 64) });
    const tensor = { forward: matrix(l.inFeatures, l.outFeatures), backward: matrix(l.outFeatures, l.inFeatures), ...(l.norms ? { norms: place(4 * l.outFeatures, 64) } : {}) };
    places.set(l.module, own);
    return [l.module, tensor];
  }));
  return { layers, file: { path, bytes: end, places } };
}

/** Whether the file is there and whole; it counts as used then. */
export function readInt8File({ path, bytes }: Int8File): boolean {
  let file: number;
  try { file = openSync(path, 'r'); } catch { return false; }
  let whole = false;
  try {
    const head = Buffer.alloc(PAGE), block = Buffer.allocUnsafe(BLOCK), hash = createHash('sha256');
    readSync(file, head, 0, PAGE, 0);
    if (fstatSync(file).size === bytes && head.toString('latin1', 0, MAGIC.length) === MAGIC) {
      for (let at = PAGE, n = 1; at < bytes && n > 0; at += n) { n = readSync(file, block, 0, BLOCK, at); hash.update(block.subarray(0, n)); }
      whole = hash.digest().equals(head.subarray(MAGIC.length, MAGIC.length + DIGEST));
    }
  } finally { closeSync(file); }
  try { if (whole) utimesSync(path, new Date(), new Date()); } catch { /* a folder that cannot be written to can still be read */ }
  return whole;
}

/** Asks for one layer at a time. Throws `disk-full`. */
export function writeInt8File(target: Int8File, linears: readonly LinearShape[], make: (layer: LinearShape) => Int8Tensor, limit = LIMIT): void {
  const { path } = target, folder = dirname(path), part = `${path}-${process.pid}${PART}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeParts(part, target, linears, make);
    try { renameSync(part, path); } catch (cause) {
      // Another engine made the same and reads it: some systems do not let it be replaced.
      if (!readInt8File(target)) throw cause;
    }
    makeRoom(folder, path, limit);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AnnealError('disk-full', `The disk is full: the 8-bit copies of the model (${Math.ceil(target.bytes / 1e6)} MB) could not be kept; free some space, or use compute: fp32.`, {}, { cause });
    throw cause;
  } finally { rmSync(part, { force: true }); }
}

function writeParts(path: string, { bytes, places }: Int8File, linears: readonly LinearShape[], make: (layer: LinearShape) => Int8Tensor): void {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  let end = PAGE;
  const append = (data: Uint8Array): void => {
    hash.update(data);
    for (let done = 0; done < data.length;) done += writeSync(file, data, done, data.length - done, end + done);
    end += data.length;
  };
  try {
    for (const layer of linears) {
      const { forward, backward, norms } = make(layer);
      const parts = [...partsOf(forward), ...partsOf(backward), ...(norms === undefined ? [] : [norms])];
      places.get(layer.module)!.forEach(({ offset, byteLength }, i) => {
        const { buffer, byteOffset } = parts[i]!;
        append(new Uint8Array(offset - end));
        append(new Uint8Array(buffer, byteOffset, byteLength));
      });
    }
    if (end !== bytes) throw new RangeError(`${end} bytes of 8-bit copies were written where ${bytes} were planned`);
    writeSync(file, Buffer.concat([Buffer.from(MAGIC), hash.digest()]), 0, MAGIC.length + DIGEST, 0);
  } finally { closeSync(file); }
}

const partsOf = ({ codes, scales }: Int8Matrix): (Int8Array | Float32Array)[] => [codes, scales];

function makeRoom(folder: string, own: string, limit: number): void {
  const now = Date.now();
  const files = readdirSync(folder).map((name) => ({ path: join(folder, name), ...sizeAndAge(join(folder, name), now) }));
  for (const { path, age } of files) if (path.endsWith(PART) && age > STALE) rmSync(path, { force: true });
  const kept = files.filter((f) => f.path.endsWith(SUFFIX));
  let total = kept.reduce((n, f) => n + f.bytes, 0);
  for (const { path, bytes } of kept.toSorted((a, b) => b.age - a.age)) {
    if (total <= limit) break;
    if (path === own) continue;
    try { rmSync(path, { force: true }); total -= bytes; } catch { /* in use */ }
  }
}

/** Files of other engines come and go. */
function sizeAndAge(path: string, now: number): { bytes: number; age: number } {
  try {
    const { size, mtimeMs } = statSync(path);
    return { bytes: size, age: now - mtimeMs };
  } catch { return { bytes: 0, age: 0 }; }
}
