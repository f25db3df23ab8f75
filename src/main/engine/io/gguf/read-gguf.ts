/** Reads the header of a GGUF file (version 2 or 3): metadata and the tensor table. Everything in it is treated as hostile: each count, length and offset is checked against the file before it is used,
 * so that no claim of the file makes a large allocation. Tensor bytes are not read here. */

import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { AnnealError } from '../../../../shared/errors.ts';
import { ByteCursor } from './byte-cursor.ts';
import { DEFAULT_ALIGNMENT, GGUF_MAGIC, GGUF_VERSIONS, TENSOR_KINDS, VALUE, invalidGguf, kindLabel, kindOf, tensorBytes, unsupportedGguf, type GgufScalar, type GgufValue, type TensorKindName } from './gguf-types.ts';

/** `shape` is in the usual order, outermost first (the file has it the other way round). `offset` counts from the start of the file. */
export interface GgufTensor { name: string; shape: number[]; kind: TensorKindName; path: string; offset: number; byteLength: number }
export interface GgufFile { path: string; version: number; bytes: number; metadata: ReadonlyMap<string, GgufValue>; tensors: ReadonlyMap<string, GgufTensor> }

const MAX_ENTRIES = 65_536, MAX_TENSORS = 131_072, MAX_ELEMENTS = 8_388_608, MAX_DIMENSIONS = 4, MAX_ALIGNMENT = 65_536;
/** Fewest bytes of an array element, by value code. */
const LEAST: Record<number, number> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 8: 8, 10: 8, 11: 8, 12: 8 };

/** Throws `file-not-found`, `file-unreadable`, `gguf-invalid`, and `gguf-unsupported` for another version or quantisation (named). */
export function readGguf(path: string): GgufFile {
  const file = basename(path);
  let handle: number;
  try { handle = openSync(path, 'r'); } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new AnnealError(missing ? 'file-not-found' : 'file-unreadable', `The file ${file} ${missing ? 'does not exist' : 'cannot be opened'}; check where the model lies.`, { file }, { cause });
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new AnnealError('file-unreadable', `${file} is not a file; give the path of a .gguf file.`, { file });
    return parse(path, file, new ByteCursor(handle, stat.size, (problem) => invalidGguf(file, problem)), stat.size);
  } finally { closeSync(handle); }
}

function parse(path: string, file: string, at: ByteCursor, bytes: number): GgufFile {
  const bad = (problem: string): AnnealError => invalidGguf(file, problem);
  if (bytes < 24) throw bad(`it has ${bytes} bytes, fewer than the 24 of the smallest header`);
  if (at.u32() !== GGUF_MAGIC) throw bad('it does not begin with "GGUF"');
  const version = at.u32();
  if (!GGUF_VERSIONS.includes(version)) {
    const swapped = version > 0xffff && (version & 0xffff) === 0;
    throw unsupportedGguf(file, swapped ? 'it is a big-endian GGUF file; only little-endian ones are read' : `it is GGUF version ${version}; versions ${GGUF_VERSIONS.join(' and ')} are read, convert it with a current tool`, { version });
  }
  const tensorCount = at.count('the number of tensors', MAX_TENSORS, 1 + 8 + 4 + 4 + 8);
  const entryCount = at.count('the number of metadata entries', MAX_ENTRIES, 8 + 4 + 1);
  const metadata = new Map<string, GgufValue>();
  const budget = { elements: MAX_ELEMENTS };
  for (let i = 0; i < entryCount; i++) {
    const key = at.text('a metadata key', 65_535);
    if (metadata.has(key)) throw bad(`the metadata key "${key.slice(0, 80)}" occurs twice`);
    metadata.set(key, readValue(at, key, budget, bad));
  }
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) !== 0) throw bad(`its alignment ${String(alignment).slice(0, 40)} is not a power of two up to ${MAX_ALIGNMENT}`);
  const infos = Array.from({ length: tensorCount }, () => readTensorInfo(at, file, bad));
  const dataStart = Math.ceil(at.position / alignment) * alignment;
  return { path, version, bytes, metadata, tensors: placeTensors(infos, path, dataStart, bytes, alignment, bad) };
}

type Bad = (problem: string) => AnnealError;

/** `budget`: elements that all arrays of the file may still have. */
function readValue(at: ByteCursor, key: string, budget: { elements: number }, bad: Bad): GgufValue {
  const code = at.u32();
  if (code !== VALUE.array) return readScalar(at, code, key, bad);
  const inner = at.u32();
  const least = LEAST[inner];
  if (least === undefined) throw bad(`the array "${key.slice(0, 80)}" has elements of the unknown type ${inner}`);
  const count = at.count(`the length of "${key.slice(0, 80)}"`, budget.elements, least);
  budget.elements -= count;
  const items: GgufScalar[] = [];
  for (let i = 0; i < count; i++) items.push(readScalar(at, inner, key, bad));
  return items;
}

function readScalar(at: ByteCursor, code: number, key: string, bad: Bad): GgufScalar {
  switch (code) {
    case VALUE.u8: return at.u8();
    case VALUE.i8: return (at.u8() << 24) >> 24;
    case VALUE.u16: return at.u16();
    case VALUE.i16: return (at.u16() << 16) >> 16;
    case VALUE.u32: return at.u32();
    case VALUE.i32: return at.u32() | 0;
    case VALUE.f32: return at.f32();
    case VALUE.bool: return at.u8() !== 0;
    case VALUE.string: return at.text(`the value of "${key.slice(0, 80)}"`);
    case VALUE.u64: return Number(at.u64());
    case VALUE.i64: return Number(BigInt.asIntN(64, at.u64()));
    case VALUE.f64: return at.f64();
    default: throw bad(`the metadata key "${key.slice(0, 80)}" has the unknown type ${code}`);
  }
}

interface TensorInfo { name: string; shape: number[]; kind: TensorKindName; relative: number; byteLength: number }

function readTensorInfo(at: ByteCursor, file: string, bad: Bad): TensorInfo {
  const name = at.text('a tensor name', 1024);
  const dimensions = at.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) throw bad(`tensor "${name.slice(0, 80)}" has ${dimensions} dimensions`);
  const inner: number[] = [];
  let elements = 1;
  for (let i = 0; i < dimensions; i++) {
    const d = at.u64();
    elements = d > 0n && d <= 0xffff_ffff_ffffn ? elements * Number(d) : Number.NaN;
    if (!Number.isSafeInteger(elements)) throw bad(`tensor "${name.slice(0, 80)}" has an impossible shape`);
    inner.push(Number(d));
  }
  const code = at.u32();
  const kind = kindOf(code);
  if (kind === undefined) throw unsupportedGguf(file, `tensor "${name.slice(0, 80)}" has the type ${kindLabel(code)}, which is not supported (${Object.keys(TENSOR_KINDS).join(', ')} are); get the model in one of these`, { tensor: name.slice(0, 80), type: kindLabel(code) });
  if (inner[0]! % TENSOR_KINDS[kind].block !== 0) throw bad(`the rows of tensor "${name.slice(0, 80)}" have ${inner[0]} values, which is no multiple of the ${TENSOR_KINDS[kind].block} of a ${kind} block`);
  const relative = at.u64();
  if (relative > BigInt(Number.MAX_SAFE_INTEGER)) throw bad(`tensor "${name.slice(0, 80)}" lies at an impossible offset`);
  return { name, shape: inner.toReversed(), kind, relative: Number(relative), byteLength: tensorBytes(kind, elements) };
}

function placeTensors(infos: readonly TensorInfo[], path: string, dataStart: number, bytes: number, alignment: number, bad: Bad): Map<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  for (const { relative, ...info } of infos) {
    const label = `tensor "${info.name.slice(0, 80)}"`;
    if (tensors.has(info.name)) throw bad(`${label} occurs twice`);
    if (relative % alignment !== 0) throw bad(`${label} is not aligned to ${alignment} bytes`);
    const offset = dataStart + relative;
    if (!Number.isSafeInteger(info.byteLength) || offset + info.byteLength > bytes) throw bad(`${label} ends at byte ${offset + info.byteLength} but the file has ${bytes} (truncated file)`);
    tensors.set(info.name, { ...info, path, offset });
  }
  let end = dataStart;
  for (const t of [...tensors.values()].toSorted((a, b) => a.offset - b.offset)) {
    if (t.offset < end) throw bad(`the bytes of tensor "${t.name.slice(0, 80)}" overlap another tensor`);
    end = t.offset + t.byteLength;
  }
  return tensors;
}
