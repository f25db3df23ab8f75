/** The weights of a checkpoint as one model: each tensor of the base with the adapter merged into it, one at a time. Untouched tensors are read from the file in pieces, so that memory holds at most one merged tensor. */
import { AnnealError } from '../../../shared/errors.ts';
import { floatsToBrains, floatsToHalfs } from '../io/float-formats.ts';
import { SAFETENSORS_ITEM_BYTES, type TensorEntry } from '../io/safetensors-header.ts';
import { readTensorBytes, readTensorFloats } from '../io/tensor-read.ts';
import { mergeAdapter, mergedNames, unties } from '../nn/merge-adapter.ts';
import type { ExportSource } from './source.ts';

export type FloatType = 'F32' | 'F16' | 'BF16';
export interface ExportTensor {
  name: string;
  shape: readonly number[];
  /** As it lies in the base's file. */
  stored: TensorEntry['dtype'];
  /** The adapter changes it: its values are float32 results of a merge. */
  merged: boolean;
  /** All values; a tensor of its own that the caller may change. */
  floats: () => Float32Array;
  /** The values in order, a few million at a time. */
  pieces: () => Iterable<Float32Array>;
  entry: TensorEntry;
}

/** Values of a piece. */
const PIECE = 1 << 22;

/** In the order of the family's table; an output head that the adapter parts from its embedding comes last. */
export function mergedTensors(source: ExportSource): ExportTensor[] {
  const { adapter, model: { family, config } } = source;
  const linears: readonly { module: string; transposed?: boolean }[] = family.linears(config);
  const transposed = new Set(linears.flatMap((l) => (l.transposed === true ? [`${l.module}.weight`] : [])));
  const left = adapter === null ? new Set<string>() : mergedNames(adapter);
  const make = (name: string, from: string): ExportTensor => {
    const entry = source.weights.get(from);
    if (entry === undefined) throw new AnnealError('tensor-missing', `The weights have no tensor "${from}".`, { tensor: from });
    const merged = left.delete(name) && adapter !== null;
    const floats = (): Float32Array => (merged ? mergeAdapter(adapter, name, readTensorFloats(entry), { transposed: transposed.has(name) }) : readTensorFloats(entry));
    return { name, shape: entry.shape, stored: entry.dtype, merged, floats, entry, pieces: () => (merged ? slices(floats()) : filePieces(entry)) };
  };
  const tensors = family.parameters(config).map((spec) => make(spec.name, spec.name));
  if (isUntied(source)) tensors.push(make(HEAD, family.headWeight(config)));
  const lost = [...left][0];
  if (lost !== undefined) throw new AnnealError('adapter-invalid', `The adapter changes "${lost}", which is not in this model.`);
  return tensors;
}

const HEAD = 'lm_head.weight';
/** The adapter trained the head or the embedding of a tied model, so that the merged model needs both: its config says `tie_word_embeddings: false`. */
export function isUntied({ adapter, model: { family, config } }: ExportSource): boolean {
  return adapter !== null && unties(adapter, { tied: config.tieEmbeddings, embedding: family.headWeight(config), head: HEAD });
}

function* slices(values: Float32Array): Generator<Float32Array> {
  for (let at = 0; at < values.length; at += PIECE) yield values.subarray(at, at + PIECE);
}
function* filePieces(entry: TensorEntry): Generator<Float32Array> {
  for (const part of entryParts(entry)) yield readTensorFloats(part);
}
/** Parts of a tensor of plain values; a packed one stays whole, because its blocks cannot be cut anywhere. */
function* entryParts(entry: TensorEntry): Generator<TensorEntry> {
  const total = entry.shape.reduce((n, d) => n * d, 1), item = SAFETENSORS_ITEM_BYTES[entry.dtype];
  if (total * item !== entry.byteLength || total <= PIECE) { yield entry; return; }
  for (let at = 0; at < total; at += PIECE) {
    const n = Math.min(PIECE, total - at);
    yield { ...entry, shape: [n], offset: entry.offset + at * item, byteLength: n * item };
  }
}

/** Bytes of a tensor in a float type. What is stored so already is copied as it lies. Throws `tensor-dtype` when a value is too large for float16. */
export function* tensorPieces(tensor: ExportTensor, to: FloatType): Generator<Uint8Array> {
  if (!tensor.merged && tensor.stored === to) { for (const part of entryParts(tensor.entry)) yield new Uint8Array(readTensorBytes(part)); return; }
  for (const piece of tensor.pieces()) {
    if (to === 'F32') { yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength); continue; }
    const short = to === 'F16' ? floatsToHalfs(piece) : floatsToBrains(piece);
    if (to === 'F16') checkRange(tensor, piece, short);
    yield new Uint8Array(short.buffer, short.byteOffset, short.byteLength);
  }
}

/** All values, of which each fits into float16. Throws `tensor-dtype`. */
export function checkedForHalf(tensor: ExportTensor): Float32Array {
  const values = tensor.floats();
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i] as number) >= 65520 && Number.isFinite(values[i])) throw tooLarge(tensor, values[i] as number);
  return values;
}
const tooLarge = (tensor: ExportTensor, value: number): AnnealError => new AnnealError('tensor-dtype', `Tensor "${tensor.name}" holds the value ${value}, which float16 cannot (at most 65504): export as BF16 or F32 instead.`, { tensor: tensor.name });

function checkRange(tensor: ExportTensor, values: Float32Array, halfs: Uint16Array): void {
  for (let i = 0; i < halfs.length; i++) {
    if (((halfs[i] as number) & 0x7fff) === 0x7c00 && Number.isFinite(values[i])) throw tooLarge(tensor, values[i] as number);
  }
}

/** Whether every value survives being stored as `to`. A float32 merge is exact only in float32. */
export function isExact(tensors: readonly ExportTensor[], to: FloatType): boolean {
  return tensors.every((t) => to === 'F32' ? t.stored !== 'F64' : !t.merged && t.stored === to);
}
