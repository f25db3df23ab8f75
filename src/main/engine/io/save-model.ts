/** Writes a model as a folder that any Hugging Face loader opens: config.json, model.safetensors and the side files of the folder it came from. */

import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { configText } from './config-text.ts';
import { writeFileDurably } from './durable.ts';
import type { ModelFolder } from './model-folder.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors-write.ts';

export type WeightFormat = 'F32' | 'F16' | 'BF16';
const TORCH_NAME: Record<WeightFormat, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

export interface NamedFloats { name: string; shape: readonly number[]; data: () => Float32Array }

/** Fills an existing, empty folder. `config` is the family's or the source folder's config.json; its dtype entry is set to what is written. */
export function writeModelFiles(folder: string, config: Record<string, unknown>, weights: readonly NamedFloats[], format: WeightFormat): void {
  const { torch_dtype: _old, ...rest } = config;
  writeFileDurably(join(folder, 'config.json'), configText({ ...rest, dtype: TORCH_NAME[format] }));
  const tensors: TensorToWrite[] = weights.map((w) => ({ name: w.name, shape: w.shape, dtype: format, data: w.data }));
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
}

export function copySideFiles(source: ModelFolder, folder: string): void {
  for (const name of source.sideFiles) copyFileSync(join(source.path, name), join(folder, name));
}
