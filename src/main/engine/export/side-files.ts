/** The files beside the weights: config with the type that is written, tokenizer files, generation_config, chat template. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { configText } from '../io/config-text.ts';
import { isUntied } from './merged-tensors.ts';
import type { ExportSource } from './source.ts';

export interface SideFile { name: string; bytes: number; read: () => Uint8Array }

const textFile = (name: string, text: string): SideFile => { const data = Buffer.from(text, 'utf8'); return { name, bytes: data.length, read: () => data }; };
export const jsonFile = (name: string, value: unknown): SideFile => textFile(name, `${JSON.stringify(value, null, 2)}\n`);
export { textFile };

const TORCH_NAME = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/** config.json: as the base has it, with the type of the weights beside it. */
export function configFile(source: ExportSource, type: keyof typeof TORCH_NAME, extra: Record<string, unknown> = {}): SideFile {
  const { torch_dtype: old, dtype: _, _name_or_path: _path, ...rest } = source.model.config.raw;
  // Older readers know torch_dtype, newer ones dtype: keep the key that the base used.
  const key = old === undefined ? 'dtype' : 'torch_dtype';
  return textFile('config.json', configText({ ...rest, [key]: TORCH_NAME[type], ...(isUntied(source) ? { tie_word_embeddings: false } : {}), ...extra }));
}

/** Tokenizer files, generation_config and template as copies; a template that the checkpoint was trained with takes the place of the model's own. */
export function tokenizerFiles(source: ExportSource): SideFile[] {
  const { folder, ref, template } = source;
  const own = ref.chat_template === null || template === null;
  const files = folder.sideFiles.filter((name) => own || !name.startsWith('chat_template.')).map((name): SideFile => {
    const path = join(folder.path, name);
    if (!own && name === 'tokenizer_config.json') return jsonFile(name, { ...(JSON.parse(readFileSync(path, 'utf8')) as object), chat_template: template.source });
    return { name, bytes: statSync(path).size, read: () => readFileSync(path) };
  });
  return own ? files : [...files, textFile('chat_template.jinja', template.source)];
}
