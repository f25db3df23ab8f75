/** Reads the tokenizer files of a Hugging Face folder: tokenizer.json (needed), tokenizer_config.json, special_tokens_map.json, generation_config.json, chat_template.jinja or chat_template.json (optional). */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

export type JsonObject = Record<string, unknown>;
export const isObject = (v: unknown): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v);

/** Largest accepted tokenizer file: bytes. Gemma's tokenizer.json has 34 MB. */
const MAX_BYTES = 256 * 1024 * 1024;

export interface TokenizerFiles { tokenizer: JsonObject; config: JsonObject; generation: JsonObject; template: string | null }

async function text(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name);
  let size: number;
  try { size = (await stat(path)).size; } catch { return null; }
  if (size > MAX_BYTES) throw new AnnealError('tokenizer-invalid', `${name} has ${Math.round(size / 1e6)} MB; tokenizer files above 256 MB are refused.`, { file: name });
  return readFile(path, 'utf8');
}

async function json(folder: string, name: string): Promise<JsonObject | null> {
  const source = await text(folder, name);
  if (source === null) return null;
  let value: unknown;
  try { value = JSON.parse(source); } catch (e) {
    throw new AnnealError('tokenizer-invalid', `${name} is not valid JSON (${e instanceof Error ? e.message : String(e)}); copy the file again from the model.`, { file: name }, { cause: e });
  }
  if (!isObject(value)) throw new AnnealError('tokenizer-invalid', `${name} must hold a JSON object; copy the file again from the model.`, { file: name });
  return value;
}

/** The chat template of a config: a string, or a list of named templates of which `default` counts. */
export function templateOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const named = value.filter(isObject);
  const entry = named.find((t) => t['name'] === 'default') ?? named[0];
  return typeof entry?.['template'] === 'string' ? entry['template'] : null;
}

/** Reads the files. Throws `tokenizer-missing` without tokenizer.json, `tokenizer-invalid` when a file does not parse. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const tokenizer = await json(folder, 'tokenizer.json');
  if (!tokenizer) {
    throw new AnnealError('tokenizer-missing', `The folder "${basename(folder)}" has no tokenizer.json; add the one that belongs to the model (a slow tokenizer must be converted to tokenizer.json first).`, { folder: basename(folder) });
  }
  const map = await json(folder, 'special_tokens_map.json');
  const own = await json(folder, 'tokenizer_config.json');
  const generation = await json(folder, 'generation_config.json');
  const jinja = await text(folder, 'chat_template.jinja');
  const template = jinja ?? templateOf((await json(folder, 'chat_template.json'))?.['chat_template']) ?? templateOf(own?.['chat_template']);
  return { tokenizer, config: { ...map, ...own }, generation: generation ?? {}, template };
}
