/** Opens a Hugging Face model folder: config.json as raw JSON, the tensor table and the side files that a copy must carry. Parsing the config is the family's work. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { refuseForeignLinks } from './linked-files.ts';
import { readModelWeights, type TensorTable } from './model-weights.ts';

export interface ModelFolder { path: string; config: Record<string, unknown>; tensors: TensorTable; sideFiles: string[] }

/** Files that make the folder usable elsewhere, copied beside full weights. */
const SIDE_FILES = [
  'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'vocab.json', 'merges.txt', 'vocab.txt',
  'tokenizer.model', 'chat_template.jinja', 'chat_template.json',
];

export function readModelConfig(folder: string): Record<string, unknown> {
  const path = join(folder, 'config.json');
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new AnnealError('file-not-found', `The model folder ${basename(folder)} does not exist; choose a folder with config.json and safetensors files.`, { folder: basename(folder) });
  if (!existsSync(path)) throw new AnnealError('file-not-found', `There is no config.json in ${basename(folder)}; choose the folder of a Hugging Face model.`, { folder: basename(folder) });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new AnnealError('model-config-invalid', `config.json in ${basename(folder)} is not valid JSON; copy or download it again.`, {}, { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new AnnealError('model-config-invalid', `config.json in ${basename(folder)} is not a JSON object; copy or download it again.`);
  return json as Record<string, unknown>;
}

/** Throws for a folder that cannot be used: `path-not-allowed` for links that leave it, and what its config and its weights throw. */
export function openModelFolder(folder: string): ModelFolder {
  const path = resolve(folder);
  const config = readModelConfig(path);
  refuseForeignLinks(path);
  return { path, config, tensors: readModelWeights(path), sideFiles: SIDE_FILES.filter((name) => existsSync(join(path, name))) };
}
