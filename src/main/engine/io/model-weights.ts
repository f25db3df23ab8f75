/** The weight files of a model folder: one `model.safetensors`, or shards named by `model.safetensors.index.json`; and what a folder made from a GGUF file references in that file. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { readSafetensorsHeader, type TensorEntry } from './safetensors-header.ts';
import { readReferencedWeights } from './weight-references.ts';

export type TensorTable = Map<string, TensorEntry>;

/** All tensors of the folder by name. Throws `model-shard-missing`, `file-not-found`, `safetensors-invalid`. */
export function readModelWeights(folder: string): TensorTable {
  const single = join(folder, 'model.safetensors');
  const index = join(folder, 'model.safetensors.index.json');
  const referenced = readReferencedWeights(folder);
  if (referenced !== null) return new Map([...readSafetensorsHeader(single).tensors, ...referenced]);
  if (existsSync(index)) return readShards(folder, index);
  if (existsSync(single)) return readSafetensorsHeader(single).tensors;
  const other = ['pytorch_model.bin', 'pytorch_model.bin.index.json'].find((name) => existsSync(join(folder, name)));
  const hint = other === undefined ? 'expected model.safetensors or model.safetensors.index.json' : `only ${other} was found; convert it to safetensors first`;
  throw new AnnealError('file-not-found', `No weights in ${basename(folder)}: ${hint}.`, { folder: basename(folder) });
}

function readShards(folder: string, indexPath: string): TensorTable {
  const bad = (problem: string): AnnealError => new AnnealError('safetensors-invalid', `${basename(indexPath)} cannot be used: ${problem}; copy or download it again.`, { file: basename(indexPath) });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(indexPath, 'utf8'));
  } catch {
    throw bad('it is not JSON');
  }
  const map = typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw bad('it has no weight_map');
  const shards = new Map<string, TensorTable>();
  const table: TensorTable = new Map();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string' || file !== basename(file) || file.startsWith('.')) throw bad(`tensor "${name}" points outside the folder`);
    let shard = shards.get(file);
    if (shard === undefined) {
      if (!existsSync(join(folder, file))) throw new AnnealError('model-shard-missing', `The weight file ${file} named by ${basename(indexPath)} is missing; add it to the model folder and try again.`, { file });
      shard = readSafetensorsHeader(join(folder, file)).tensors;
      shards.set(file, shard);
    }
    const entry = shard.get(name);
    if (entry === undefined) throw new AnnealError('tensor-missing', `Tensor "${name}" is not in ${file}, where ${basename(indexPath)} says it is; the download is incomplete or mixed.`, { tensor: name, file });
    table.set(name, entry);
  }
  return table;
}
