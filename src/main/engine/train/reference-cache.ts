/**
 * Log-probabilities of a reference, kept from run to run: another seed, batch size, rank, beta, loss or learning rate on the same rows need not score them again. A file belongs to one set of rows (tokens, prompts, packing) under one model; it grows when a run sees rows
 * that no run before it saw. Scores are those of the run that computed them first: the padding of its batches may have changed their last bits. File: magic, then per fed row its index, its count of numbers and the numbers (little endian); SHA-256 of all that at the end.
 */

import { createHash, type Hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { print } from '../graph/print.ts';
import { writeFileDurably } from '../io/durable.ts';
import { weightHash } from '../io/weight-hash.ts';
import { isExample, type TrainRow } from '../methods/example-row.ts';
import { runtimeVersion } from '../runtime/session.ts';
import { NO_TRAINABLES, type Reference } from './reference.ts';
import type { RunSetup } from './setup.ts';
import { buildStep } from './step-graph.ts';
import type { TrainData } from './train-data.ts';

const MAGIC = 'anneal-reference-2\n';
const DIGEST = 32;
/** Files kept in the folder; the least recently used go. */
const KEPT = 64;
const PART = '.part';
/** Age from which on an unfinished file is nobody's, in ms. */
const STALE = 3_600_000;
const SMALLEST = { rows: 1, length: 16, losses: 16, examples: 1 };

/** The part of a file's name that all rows of a run share: everything but the rows that decides a score. */
export function referenceIdentity(setup: RunSetup): string {
  const { options, method, context } = setup, { model, weights } = setup.reference!.basis;
  const { config } = options, policy = (options.reference ?? null) === null;
  // The graph in its smallest shape, and the config for tables that are too long to be printed: another version of the engine that computes otherwise has other names.
  const graph = print(buildStep({ model, weights, trainables: NO_TRAINABLES, method, config, kind: 'reference', shape: SMALLEST }));
  const { compute } = context.execution, rounded = policy && (options.adapter?.load_in_4bit === true || compute === 'int8');
  const hash = createHash('sha256').update(JSON.stringify([
    runtimeVersion(), options.device ?? 'cpu', options.half ?? false, method.id, 'ld_alpha' in config ? config.ld_alpha : null, graph, model.config.raw, rounded ? [compute, undropped(options.adapter)] : null,
  ]));
  addWeights(hash, setup);
  return hash.digest('hex');
}

const undropped = (adapter: RunSetup['options']['adapter']): unknown => (adapter === null ? null : { ...adapter, lora_dropout: 0 });

/** What the reference is: weights of a folder, or values that an adapter gave it. A fresh adapter that adds nothing is its base, whatever its rank and seed. */
function addWeights(hash: Hash, { options, reference, loaded }: RunSetup): void {
  const other = options.reference ?? null, { start, modelFolder } = other ?? options;
  const plain = start?.kind !== 'adapter' && (other !== null || addsNothing(loaded, reference!.values));
  hash.update(JSON.stringify([weightsOf(start?.kind === 'full' ? start.folder : modelFolder), plain || other !== null ? null : undropped(options.adapter)]));
  if (!plain) hash.update(new Uint8Array(reference!.values.buffer, reference!.values.byteOffset, reference!.values.byteLength));
}

/** Large weights are named by samples of them; when their files were written says more. */
function weightsOf(folder: string): unknown {
  const { hash } = weightHash(folder);
  return hash.startsWith('~') ? [hash, readdirSync(folder).filter((f) => f.endsWith('.safetensors')).sort().map((f) => statSync(join(folder, f)).mtimeMs)] : hash;
}

function addsNothing({ trainables: { lora } }: RunSetup['loaded'], values: Float32Array): boolean {
  return lora === undefined || lora.slots.every(({ b, minus }) => minus === undefined && values.subarray(b.offset, b.offset + b.length).every((x) => x === 0));
}

/** The file's name for these rows. */
export function referenceKey(identity: string, rows: readonly TrainRow[], data: TrainData): string {
  const hash = createHash('sha256').update(JSON.stringify([identity, data.packed]));
  for (const row of rows) if (isExample(row)) for (const c of row.completions) hash.update(Int32Array.of(c.prompt, row.separate === true ? 1 : 0, c.ids.length)).update(Int32Array.from(c.ids));
  return hash.digest('hex').slice(0, 32);
}

/** Teaches the reference what was kept and returns how many fed rows that are. A file that is damaged or does not fit the rows is removed; one that cannot be read is as good as none. */
export function readReferenceCache(folder: string, key: string, reference: Reference, data: TrainData): number {
  const path = join(folder, key);
  try {
    if (!existsSync(path)) return 0;
    const found = parse(readFileSync(path), reference.roles, data);
    if (found === null) {
      rmSync(path, { force: true });
      return 0;
    }
    for (const [row, scores] of found) reference.learn(row, scores);
    touch(path);
    return found.size;
  } catch { return 0; }
}

/** Says when it was last used. */
function touch(path: string): void {
  const now = new Date();
  try { utimesSync(path, now, now); } catch { /* a disk that is only read: what is there is used all the same */ }
}

function parse(bytes: Buffer, roles: number, { sizes }: TrainData): Map<number, Float32Array> | null {
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST));
  if (!body.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || !createHash('sha256').update(body).digest().equals(bytes.subarray(body.length))) return null;
  const found = new Map<number, Float32Array>();
  for (let at = MAGIC.length; at < body.length;) {
    if (at + 8 > body.length) return null;
    const row = body.readUInt32LE(at), count = body.readUInt32LE(at + 4);
    at += 8;
    if (count !== (sizes[row]?.examples ?? -1) * roles || at + 4 * count > body.length) return null;
    found.set(row, Float32Array.from({ length: count }, (_, i) => body.readFloatLE(at + 4 * i)));
    at += 4 * count;
  }
  return found;
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
  const body = Buffer.concat(parts), temporary = join(folder, `${key}.${process.pid}${PART}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileDurably(temporary, Buffer.concat([body, createHash('sha256').update(body).digest()]));
    renameSync(temporary, join(folder, key));
    prune(folder);
  } catch {
    try { rmSync(temporary, { force: true }); } catch { /* not even the folder is there */ }
  }
}

function prune(folder: string): void {
  const files = readdirSync(folder).map((name) => ({ part: name.endsWith(PART), path: join(folder, name), time: statSync(join(folder, name)).mtimeMs })).sort((a, b) => b.time - a.time);
  const spent = [...files.filter((f) => !f.part).slice(KEPT), ...files.filter((f) => f.part && f.time < Date.now() - STALE)];
  for (const { path } of spent) rmSync(path, { force: true });
}
