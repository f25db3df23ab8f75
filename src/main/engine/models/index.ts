/** The registry of model families, by Hugging Face model_type: one line each. */

import { AnnealError } from '../../../shared/errors.ts';
import type { DecoderConfig } from './config.ts';
import type { ModelFamily } from './family.ts';
import { llama } from './llama.ts';
import { qwen2 } from './qwen2.ts';

export const FAMILIES: readonly ModelFamily[] = [llama, qwen2];

export interface ParsedModel { family: ModelFamily; config: DecoderConfig }

/** Family and parsed config for a config.json. Throws `model-family-unknown` or `model-config-invalid`. */
export function parseModel(json: Record<string, unknown>): ParsedModel {
  const type = json['model_type'];
  const family = FAMILIES.find((f) => f.id === type);
  if (family === undefined) {
    const known = FAMILIES.map((f) => f.id).join(', ');
    throw new AnnealError('model-family-unknown', `The model type ${JSON.stringify(type) ?? '(missing in config.json)'} is not supported; supported are ${known}.`, { type: String(type) });
  }
  return { family, config: family.parseConfig(json) };
}
