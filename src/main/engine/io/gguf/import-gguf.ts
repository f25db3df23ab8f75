/** Makes a model folder out of a GGUF file. What needs no conversion is referenced inside the file (weight-references.ts); the rest is converted once, tensor by tensor, into model.safetensors.
 * The folder appears under its name only when it is complete. */

import { mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AnnealError } from '../../../../shared/errors.ts';
import { formatBytes } from '../../../../shared/units.ts';
import { configText } from '../config-text.ts';
import { fsyncPath, writeFileDurably } from '../durable.ts';
import { floatsToBrains, floatsToHalfs } from '../float-formats.ts';
import { planSafetensors, writeSafetensorsStream } from '../safetensors-stream.ts';
import { writeReferences } from '../weight-references.ts';
import { describeGguf, type GgufModel, type GgufParameter } from './describe-gguf.ts';
import { TENSOR_KINDS, isPlain } from './gguf-types.ts';
import { readGgufFloats } from './read-tensor.ts';
import { toHf } from './tensor-changes.ts';

export interface GgufImportOptions { signal?: AbortSignal | undefined; onProgress?: ((done: number, total: number) => void) | undefined; /** Free bytes where the folder will be (tests). */ freeBytes?: ((folder: string) => number) | undefined }
export interface GgufImported { model: GgufModel; /** Bytes that were written, and bytes that stay in the GGUF file. */ converted: number; referenced: number }

/** Smaller tensors are copied along: a folder of which nothing large is referenced does not need the GGUF file any more. */
const WORTH_REFERENCE = 1 << 20;

const canReference = (p: GgufParameter): boolean => isPlain(p.tensor.kind) && p.change === undefined && p.tensor.byteLength >= WORTH_REFERENCE;

/** `folder` must not exist. Throws as `describeGguf` does, `cancelled`, `disk-full`; nothing half-written stays. */
export async function importGguf(path: string, folder: string, options: GgufImportOptions = {}): Promise<GgufImported> {
  const model = describeGguf(path);
  const temporary = join(dirname(folder), `.tmp-${basename(folder)}-${process.pid}`);
  try {
    mkdirSync(temporary, { recursive: true });
    const needed = importedBytes(model) + MARGIN, free = (options.freeBytes ?? freeOf)(temporary);
    if (free < needed) throw new AnnealError('disk-full', `${basename(path)} needs ${formatBytes(needed)} of disk to be imported, and ${formatBytes(free)} are free; free some space and import again.`, { needed, free });
    const imported = await fillFolder(model, temporary, options);
    fsyncPath(temporary);
    renameSync(temporary, folder);
    fsyncPath(dirname(folder));
    return imported;
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    if (options.signal?.aborted === true) throw new AnnealError('cancelled', 'The import was cancelled; nothing of it was kept.', {}, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AnnealError('disk-full', `The disk is full: ${basename(path)} was not imported and nothing half-written was left; free some space and import again.`, { file: basename(path) }, { cause });
    throw cause;
  }
}

/** For tokenizer files, and so that the disk is not filled to its brim. */
const MARGIN = 128 * 2 ** 20;
function freeOf(folder: string): number { const s = statfsSync(folder); return s.bavail * s.bsize; }

/** Bytes that an import of this file writes. */
export function importedBytes(model: GgufModel): number {
  return planSafetensors(model.parameters.filter((p) => !canReference(p))).bytes;
}

async function fillFolder(model: GgufModel, folder: string, options: GgufImportOptions): Promise<GgufImported> {
  const json = (name: string, value: unknown): void => { writeFileDurably(join(folder, name), `${JSON.stringify(value, null, 2)}\n`); };
  writeFileDurably(join(folder, 'config.json'), configText(model.config));
  json('tokenizer_config.json', model.tokenizerConfig);
  json('generation_config.json', model.generationConfig);
  writeFileDurably(join(folder, 'tokenizer.json'), JSON.stringify(model.tokenizer));
  writeFileDurably(join(folder, 'README.md'), card(model));
  const referenced = model.parameters.filter(canReference), converted = model.parameters.filter((p) => !canReference(p));
  if (referenced.length > 0) writeReferences(folder, { gguf: model.file.path, tensors: Object.fromEntries(referenced.map((p) => [p.name, p.tensor.name])) });
  const plan = planSafetensors(converted);
  const byName = new Map(converted.map((p) => [p.name, p]));
  let done = 0;
  options.onProgress?.(0, plan.bytes);
  await writeSafetensorsStream(join(folder, 'model.safetensors'), plan, (t) => convertedPieces(byName.get(t.name)!, model), (n) => { done += n; options.onProgress?.(done, plan.bytes); }, options.signal ?? new AbortController().signal);
  return { model, converted: plan.bytes, referenced: referenced.reduce((n, p) => n + p.tensor.byteLength, 0) };
}

/** Values at a time where they can be converted apart from each other; a multiple of every block. */
const PIECE = 1 << 22;

function* convertedPieces(p: GgufParameter, model: GgufModel): Generator<Uint8Array> {
  const { tensor } = p, { block, bytes } = TENSOR_KINDS[tensor.kind];
  const whole = p.change !== undefined && p.change !== 'plus-one' && p.change !== 'squeeze';
  const step = whole ? tensor.byteLength : (PIECE / block) * bytes;
  for (let at = 0; at < tensor.byteLength; at += step) yield convertedBytes(p, readGgufFloats({ ...tensor, offset: tensor.offset + at, byteLength: Math.min(step, tensor.byteLength - at) }), model);
}

function convertedBytes(p: GgufParameter, read: Float32Array, model: GgufModel): Uint8Array {
  const values = toHf(p.change, read, p.tensor.shape, model.counts);
  const data = p.dtype === 'F32' ? values : p.dtype === 'F16' ? floatsToHalfs(values) : floatsToBrains(values);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function card(model: GgufModel): string {
  const front = [model.license === null ? null : `license: ${JSON.stringify(model.license)}`, model.baseModel === null ? null : `base_model: ${JSON.stringify(model.baseModel)}`].filter((l) => l !== null);
  const kinds = Object.entries(model.kinds).map(([kind, n]) => `${n} ${kind}`).join(', ');
  const notes = model.notes.map((n) => `- ${n}\n`).join('');
  return `${front.length > 0 ? `---\n${front.join('\n')}\n---\n` : ''}# ${model.name.replaceAll('\n', ' ')}\n\nImported from the GGUF file ${basename(model.file.path)} (tensors: ${kinds}).\n${notes === '' ? '' : `\n${notes}`}`;
}
