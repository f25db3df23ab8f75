/** Writes a model as a GGUF file (version 3), one tensor at a time: memory stays at a few copies of the largest tensor. The file appears under its name only when it is complete.
 * Differences to llama.cpp's converter and quantiser are listed in docs/how-to/write-a-gguf.md. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AnnealError } from '../../../../shared/errors.ts';
import { fsyncPath } from '../durable.ts';
import { architectureOfConfig } from './architectures/index.ts';
import type { GgufArchitecture, MetadataEntries } from './architectures/architecture.ts';
import { encodeTensor } from './encode-tensor.ts';
import { DEFAULT_ALIGNMENT, FILE_TYPES, TENSOR_KINDS, cannotWrite, tensorBytes, type GgufFileType, type TensorKindName } from './gguf-types.ts';
import { encodeHeader } from './metadata-write.ts';
import { chooseKind } from './mixture.ts';
import { TensorNames } from './tensor-names.ts';
import { ggufShape, toGguf, type HeadCounts } from './tensor-changes.ts';
import { tokenizerToGguf } from './tokenizer/tokenizer-to-gguf.ts';

/** One tensor under its Hugging Face name; `read` is called once, when its turn comes. */
export interface GgufSourceTensor { name: string; shape: readonly number[]; read: () => Float32Array | Promise<Float32Array> }
export interface GgufSource {
  /** config.json. */
  config: Record<string, unknown>;
  /** tokenizer.json and tokenizer_config.json. */
  tokenizerJson: Record<string, unknown>;
  tokenizerConfig: Record<string, unknown>;
  /** Default: the one in `tokenizerConfig`. */
  chatTemplate: string | null;
  tensors: readonly GgufSourceTensor[];
  /** general.name, general.license; `baseModel`: what it was made from. */
  name: string;
  license: string | null;
  baseModel?: string | null;
}
export interface GgufWriteOptions {
  signal?: AbortSignal | undefined;
  /** After each piece: how many of the bytes are written. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}
export interface GgufWritten {
  bytes: number;
  /** How many tensors have which type. */
  kinds: Partial<Record<TensorKindName, number>>;
  /** What the file could not say exactly, in sentences for people. */
  notes: string[];
}

interface Planned { source: GgufSourceTensor | null; values?: Float32Array; gguf: string; change: ReturnType<TensorNames['toGguf']>['change']; shape: number[]; kind: TensorKindName; offset: number; bytes: number }

interface Layout { header: Buffer; tensors: Planned[]; counts: HeadCounts; written: GgufWritten }

/** What `writeGguf` would write: exact bytes, types and notes. Reads no weights. Throws `gguf-unsupported`. */
export function planGguf(source: GgufSource, type: GgufFileType): GgufWritten { return layout(source, type).written; }

function layout(source: GgufSource, type: GgufFileType): Layout {
  const architecture = architectureOfConfig(source.config);
  const counts = headCounts(source.config);
  const plan = planTensors(source, architecture, type);
  const embedding = plan.find((t) => t.gguf === 'token_embd.weight');
  if (embedding === undefined) throw cannotWrite('it has no token embeddings');
  const tokenizer = tokenizerToGguf({ json: source.tokenizerJson, config: source.tokenizerConfig, chatTemplate: source.chatTemplate ?? templateIn(source.tokenizerConfig), vocabSize: embedding.shape[0]! });
  const metadata: MetadataEntries = {
    ...general(source, architecture, type),
    ...Object.fromEntries(Object.entries(architecture.toMetadata(source.config)).map(([key, value]) => [`${architecture.id}.${key}`, value])),
    ...(type === 'F32' || type === 'F16' || type === 'BF16' ? {} : { 'general.quantization_version': 2 }),
    ...tokenizer.entries,
  };
  const header = encodeHeader(metadata, plan.map((t) => ({ name: t.gguf, shape: t.shape, code: TENSOR_KINDS[t.kind].code, offset: t.offset })), DEFAULT_ALIGNMENT);
  const last = plan.at(-1)!;
  const total = header.length + aligned(last.offset + last.bytes);
  const kinds: GgufWritten['kinds'] = {};
  for (const t of plan) kinds[t.kind] = (kinds[t.kind] ?? 0) + 1;
  return { header, tensors: plan, counts, written: { bytes: total, kinds, notes: [...(architecture.losses?.(source.config) ?? []), ...tokenizer.notes] } };
}

/** Throws `gguf-unsupported` for a model that the format cannot hold, `cancelled`, `disk-full`; whatever happens, no half-written file stays. */
export async function writeGguf(path: string, source: GgufSource, type: GgufFileType, options: GgufWriteOptions = {}): Promise<GgufWritten> {
  const { header, tensors: plan, counts, written } = layout(source, type), total = written.bytes;
  await writeAtomically(path, async (write) => {
    write(header);
    let done = header.length;
    for (const t of plan) {
      stopIfAborted(options.signal);
      const values = t.values ?? (await readSource(t.source!));
      const ready = toGguf(t.change, values, t.source?.shape ?? t.shape, counts);
      for (let at = 0; at < ready.length; at += PIECE) {
        stopIfAborted(options.signal);
        const bytes = encodeTensor(t.kind, ready.subarray(at, at + PIECE));
        write(bytes);
        options.onProgress?.(done += bytes.byteLength, total);
        await nextTurn();
      }
      write(Buffer.alloc(aligned(t.bytes) - t.bytes));
      done += aligned(t.bytes) - t.bytes;
    }
    options.onProgress?.(done, total);
  });
  return written;
}

/** Values that are encoded between two turns of the event loop; a multiple of every block. */
const PIECE = 1 << 20;
function stopIfAborted(signal: AbortSignal | undefined): void { if (signal?.aborted === true) throw new AnnealError('cancelled', 'Writing the GGUF file was cancelled; nothing of it was kept.'); }
const aligned = (n: number): number => Math.ceil(n / DEFAULT_ALIGNMENT) * DEFAULT_ALIGNMENT;
const templateIn = (config: Record<string, unknown>): string | null => (typeof config['chat_template'] === 'string' ? config['chat_template'] : null);

async function readSource(t: GgufSourceTensor): Promise<Float32Array> {
  const values = await t.read();
  const wanted = t.shape.reduce((a, b) => a * b, 1);
  if (values.length !== wanted) throw new AnnealError('tensor-shape', `Tensor "${t.name}" has ${values.length} values where its shape [${t.shape.join(', ')}] needs ${wanted}.`, { tensor: t.name });
  return values;
}

function headCounts(config: Record<string, unknown>): HeadCounts {
  const heads = config['num_attention_heads'] ?? config['n_head'], kvHeads = config['num_key_value_heads'] ?? heads;
  return { heads: Number(heads), kvHeads: Number(kvHeads) };
}

function planTensors(source: GgufSource, architecture: GgufArchitecture, type: GgufFileType): Planned[] {
  const names = new TensorNames(architecture.rules);
  const tied = source.config['tie_word_embeddings'] === true;
  const found: Omit<Planned, 'kind' | 'offset' | 'bytes'>[] = source.tensors.flatMap((t) => {
    const { gguf, change } = names.toGguf(t.name);
    // A tied head that a folder stores all the same is the embedding once more.
    if (gguf === 'output.weight' && tied) return [];
    return [{ source: t, gguf, change, shape: ggufShape(change, t.shape) }];
  });
  for (const { name, values } of architecture.extraTensors?.(source.config) ?? []) found.push({ source: null, values, gguf: name, change: undefined, shape: [values.length] });
  const layers = Number(source.config['num_hidden_layers'] ?? source.config['n_layer']);
  const ordered = found.toSorted((a, b) => orderOf(a.gguf) - orderOf(b.gguf));
  const tiedHead = !ordered.some((t) => t.gguf === 'output.weight');
  let offset = 0;
  return ordered.map((t) => {
    const kind = chooseKind(type, t.gguf, t.shape, { layers, tiedHead });
    const bytes = tensorBytes(kind, t.shape.reduce((a, b) => a * b, 1));
    const planned = { ...t, kind, offset, bytes };
    offset += aligned(bytes);
    return planned;
  });
}

/** Embeddings first, then layer by layer, then what stands behind them. */
function orderOf(name: string): number {
  const layer = /^blk\.(\d+)\./.exec(name)?.[1];
  return layer === undefined ? (/^(?:token_embd|position_embd|rope)/.test(name) ? 0 : 1e6) : 1 + Number(layer);
}

function general(source: GgufSource, architecture: GgufArchitecture, type: GgufFileType): MetadataEntries {
  const base = source.baseModel ?? null;
  return {
    'general.architecture': architecture.id, 'general.type': 'model', 'general.name': source.name, 'general.license': source.license, 'general.file_type': FILE_TYPES[type],
    ...(base === null ? {} : { 'general.base_model.count': 1, 'general.base_model.0.name': base }),
  };
}

async function writeAtomically(path: string, fill: (write: (bytes: Uint8Array) => void) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${basename(path)}-${process.pid}`);
  let file: number | null = null;
  try {
    const handle = openSync(temporary, 'w');
    file = handle;
    await fill((bytes) => { for (let done = 0; done < bytes.byteLength;) done += writeSync(handle, bytes, done, Math.min(bytes.byteLength - done, 1 << 28)); });
    fsyncSync(handle);
    closeSync(handle);
    file = null;
    renameSync(temporary, path);
    fsyncPath(dirname(path));
  } catch (cause) {
    if (file !== null) closeSync(file);
    rmSync(temporary, { force: true });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AnnealError('disk-full', `The disk is full: ${basename(path)} was not written and nothing half-written was left; free some space and export again.`, { file: basename(path) }, { cause });
    throw cause;
  }
}
