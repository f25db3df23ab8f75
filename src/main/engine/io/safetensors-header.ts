/** Header of a safetensors file: parsed and checked as hostile input (sizes, overlaps, holes, overflow) before any tensor byte is trusted.
 * Source: the safetensors format description (8-byte little-endian header length, JSON, data). */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

export const SAFETENSORS_ITEM_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type SafetensorsDtype = keyof typeof SAFETENSORS_ITEM_BYTES;

/** Where one tensor lies: `offset` counts from the start of the file. */
export interface TensorEntry { name: string; dtype: SafetensorsDtype; shape: number[]; path: string; offset: number; byteLength: number }
export interface SafetensorsHeader { path: string; tensors: Map<string, TensorEntry>; metadata: Record<string, string> }

const HEADER_LIMIT = 100_000_000;

function invalid(path: string, problem: string): AnnealError {
  return new AnnealError('safetensors-invalid', `${basename(path)} is not a valid safetensors file: ${problem}; copy or download it again.`, { file: basename(path) });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Reads and checks the header. Throws `file-not-found`, `file-unreadable` or `safetensors-invalid`. */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new AnnealError(missing ? 'file-not-found' : 'file-unreadable', `The weight file ${basename(path)} ${missing ? 'does not exist' : 'cannot be opened'}; check the model folder.`, { file: basename(path) }, { cause });
  }
  try {
    const size = fstatSync(file).size;
    if (size < 8) throw invalid(path, `it has ${size} bytes, fewer than the 8 of the header length`);
    const prefix = Buffer.alloc(8);
    readSync(file, prefix, 0, 8, 0);
    const length = Number(prefix.readBigUInt64LE(0));
    if (length > HEADER_LIMIT) throw invalid(path, `its header claims ${length} bytes, above the limit of ${HEADER_LIMIT}`);
    if (length > size - 8) throw invalid(path, `its header claims ${length} bytes but only ${size - 8} follow (truncated file)`);
    const text = Buffer.alloc(length);
    readSync(file, text, 0, length, 8);
    return parseHeader(path, text.toString('utf8'), 8 + length, size);
  } finally {
    closeSync(file);
  }
}

function parseHeader(path: string, text: string, dataStart: number, size: number): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AnnealError('safetensors-invalid', `${basename(path)} is not a valid safetensors file: its header is not JSON; copy or download it again.`, { file: basename(path) }, { cause });
  }
  if (!isRecord(json)) throw invalid(path, 'its header is not a JSON object');
  const tensors = new Map<string, TensorEntry>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (!isRecord(entry)) throw invalid(path, 'its metadata is not an object');
      for (const [key, value] of Object.entries(entry)) metadata[key] = String(value);
      continue;
    }
    tensors.set(name, checkEntry(path, name, entry, dataStart, size));
  }
  const sorted = [...tensors.values()].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const t of sorted) {
    if (t.offset < end) throw invalid(path, `the bytes of tensor "${t.name}" overlap another tensor`);
    if (t.offset > end) throw invalid(path, `there is a hole of ${t.offset - end} bytes before tensor "${t.name}"`);
    end = t.offset + t.byteLength;
  }
  if (end !== size) throw invalid(path, `the header describes ${end} bytes but the file has ${size}`);
  return { path, tensors, metadata };
}

function checkEntry(path: string, name: string, entry: unknown, dataStart: number, size: number): TensorEntry {
  if (!isRecord(entry)) throw invalid(path, `the entry of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: range } = entry;
  if (typeof dtype !== 'string') throw invalid(path, `tensor "${name}" has no dtype`);
  if (!Object.hasOwn(SAFETENSORS_ITEM_BYTES, dtype)) throw new AnnealError('tensor-dtype', `Tensor "${name}" in ${basename(path)} has the type ${dtype}, which is not supported; convert the model to F32, F16 or BF16.`, { tensor: name, dtype });
  if (!Array.isArray(shape) || !shape.every(isCount)) throw invalid(path, `tensor "${name}" has a broken shape`);
  if (!Array.isArray(range) || range.length !== 2 || !range.every(isCount)) throw invalid(path, `tensor "${name}" has broken data offsets`);
  const kind = dtype as SafetensorsDtype;
  const dims = shape as number[];
  const bytes = dims.reduce((n, d) => n * d, SAFETENSORS_ITEM_BYTES[kind]);
  const [begin, end] = range as [number, number];
  if (!Number.isSafeInteger(bytes)) throw invalid(path, `tensor "${name}" has an impossible shape`);
  if (end - begin !== bytes) throw invalid(path, `tensor "${name}" of shape [${dims.join(', ')}] needs ${bytes} bytes but its offsets give ${end - begin}`);
  if (dataStart + end > size) throw invalid(path, `tensor "${name}" ends at byte ${dataStart + end} but the file has ${size} (truncated file)`);
  return { name, dtype: kind, shape: dims, path, offset: dataStart + begin, byteLength: bytes };
}
