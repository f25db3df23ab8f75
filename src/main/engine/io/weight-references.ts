/** Weights of a model folder that lie inside a GGUF file elsewhere: `weights.gguf.json` names the file and, for each parameter, its tensor there. Offsets are not stored: they are read from the GGUF file's
 * own header each time, so that a file that was replaced is noticed, and nothing but tensors of GGUF files can be pointed at. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { writeFileDurably } from './durable.ts';
import { isPlain } from './gguf/gguf-types.ts';
import { readGguf } from './gguf/read-gguf.ts';
import type { TensorEntry } from './safetensors-header.ts';

const NAME = 'weights.gguf.json';
export interface WeightReferences { /** Absolute path. */ gguf: string; /** Parameter name to tensor name. */ tensors: Record<string, string> }

export function writeReferences(folder: string, references: WeightReferences): void {
  writeFileDurably(join(folder, NAME), `${JSON.stringify({ format: 1, ...references }, null, 2)}\n`);
}

/** The GGUF file that the folder points into, or null. */
export function referencedFile(folder: string): string | null { return readReferences(folder)?.gguf ?? null; }

function readReferences(folder: string): WeightReferences | null {
  const path = join(folder, NAME);
  if (!existsSync(path)) return null;
  const bad = (): AnnealError => new AnnealError('gguf-invalid', `${NAME} in ${basename(folder)} cannot be used; import the GGUF file again.`, { file: NAME });
  let json: unknown;
  try { json = JSON.parse(readFileSync(path, 'utf8')); } catch { throw bad(); }
  if (typeof json !== 'object' || json === null || !('gguf' in json) || !('tensors' in json)) throw bad();
  const { gguf, tensors } = json;
  if (typeof gguf !== 'string' || !isAbsolute(gguf) || typeof tensors !== 'object' || tensors === null) throw bad();
  const names = Object.entries(tensors);
  if (!names.every((e): e is [string, string] => typeof e[1] === 'string')) throw bad();
  return { gguf, tensors: Object.fromEntries(names) };
}

/** The referenced tensors by parameter name; null where the folder references nothing. Throws `model-shard-missing` when the GGUF file is gone, `tensor-missing` or `tensor-dtype` when it is another one. */
export function readReferencedWeights(folder: string): Map<string, TensorEntry> | null {
  const references = readReferences(folder);
  if (references === null) return null;
  const file = basename(references.gguf);
  if (!existsSync(references.gguf)) throw new AnnealError('model-shard-missing', `The weights of this model lie in ${file}, which is not where it was when it was imported; put it back, or import it again from where it is now.`, { file });
  const { tensors } = readGguf(references.gguf);
  const table = new Map<string, TensorEntry>();
  for (const [name, inside] of Object.entries(references.tensors)) {
    const t = tensors.get(inside);
    if (t === undefined) throw new AnnealError('tensor-missing', `Tensor "${inside}" is not in ${file} any more; the file was replaced after the import, import it again.`, { tensor: inside, file });
    if (!isPlain(t.kind)) throw new AnnealError('tensor-dtype', `Tensor "${inside}" in ${file} is ${t.kind} now; the file was replaced after the import, import it again.`, { tensor: inside, dtype: t.kind });
    table.set(name, { name, dtype: t.kind, shape: t.shape, path: t.path, offset: t.offset, byteLength: t.byteLength });
  }
  return table;
}
