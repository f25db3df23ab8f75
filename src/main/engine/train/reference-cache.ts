/**
 * Log-probabilities of a reference, kept from run to run: another beta, loss or learning rate on the same rows need not score them again. The key covers everything that decides the numbers to the last bit: weights, rows,
 * batches, their padded shapes, threads. File: magic, then per fed row its index, its count of numbers and the numbers (little endian); SHA-256 of all that at the end.
 */

import { createHash, type Hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../io/durable.ts';
import { weightHash } from '../io/weight-hash.ts';
import { isExample } from '../methods/example-row.ts';
import { runtimeVersion } from '../runtime/session.ts';
import type { Reference } from './reference.ts';
import type { RunSetup } from './setup.ts';

const MAGIC = 'anneal-reference-1\n';
const DIGEST = 32;
/** Files kept in the folder; the least recently used go. */
const KEPT = 32;

/** The name of the numbers that `precomputeReference` would compute for this run. */
export function referenceKey(setup: RunSetup): string {
  const { options, reference, data, order, total, buckets, batchRows, method, context } = setup;
  const other = options.reference ?? null;
  const weights = (folder: string | undefined): string | null => (folder === undefined ? null : weightHash(folder).hash);
  const hash = createHash('sha256');
  const adapter = options.adapter === null ? null : { ...options.adapter, lora_dropout: 0 };
  const batches: number[][][] = [];
  for (let step = 0; step < Math.min(order.stepsPerEpoch, total); step++) batches.push(order.window(step).batches.map((rows) => [...rows]));
  hash.update(JSON.stringify([
    runtimeVersion(), method.id, 'ld_alpha' in options.config ? options.config.ld_alpha : null, weights(other?.modelFolder ?? (options.start?.kind === 'full' ? options.start.folder : options.modelFolder)), weights(other?.start?.folder),
    other === null ? adapter : null, context.execution, buckets, batchRows, data.packed, batches,
  ]));
  if (other === null) addFloats(hash, reference!.values);
  for (const row of options.rows) if (isExample(row)) for (const c of row.completions) hash.update(Int32Array.of(c.prompt, row.separate === true ? 1 : 0, c.ids.length)).update(Int32Array.from(c.ids));
  return hash.digest('hex').slice(0, 32);
}

function addFloats(hash: Hash, values: Float32Array): void { hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)); }

/** Teaches the reference what was kept; false when nothing was, or what there is is damaged (it is then removed). */
export function readReferenceCache(folder: string, key: string, reference: Reference): boolean {
  const path = join(folder, key);
  if (!existsSync(path)) return false;
  const bytes = readFileSync(path), body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST));
  if (!body.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || !createHash('sha256').update(body).digest().equals(bytes.subarray(body.length))) {
    rmSync(path, { force: true });
    return false;
  }
  for (let at = MAGIC.length; at < body.length;) {
    const row = body.readUInt32LE(at), count = body.readUInt32LE(at + 4);
    at += 8;
    reference.learn(row, Float32Array.from({ length: count }, (_, i) => body.readFloatLE(at + 4 * i)));
    at += 4 * count;
  }
  const now = new Date();
  utimesSync(path, now, now);
  return true;
}

/** Keeps what the reference knows. A full or read-only disk is no error of the run: then nothing is kept. */
export function writeReferenceCache(folder: string, key: string, reference: Reference): void {
  const parts: Buffer[] = [Buffer.from(MAGIC)];
  for (const [row, scores] of [...reference.known].sort(([a], [b]) => a - b)) {
    const part = Buffer.alloc(8 + 4 * scores.length);
    part.writeUInt32LE(row, 0);
    part.writeUInt32LE(scores.length, 4);
    scores.forEach((score, i) => part.writeFloatLE(score, 8 + 4 * i));
    parts.push(part);
  }
  const body = Buffer.concat(parts), temporary = join(folder, `${key}.${process.pid}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileDurably(temporary, Buffer.concat([body, createHash('sha256').update(body).digest()]));
    renameSync(temporary, join(folder, key));
    const files = readdirSync(folder).map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs })).sort((a, b) => b.time - a.time);
    for (const { path } of files.slice(KEPT)) rmSync(path, { force: true });
  } catch {
    rmSync(temporary, { force: true });
  }
}
