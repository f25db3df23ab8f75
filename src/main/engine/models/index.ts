/** The registry of model families, by Hugging Face model_type: one line each. */

import { AnnealError } from '../../../shared/errors.ts';
import type { DecoderConfig } from './config.ts';
import type { ModelFamily } from './family.ts';
import { gemma } from './gemma.ts';
import { gemma2 } from './gemma2.ts';
import { gemma3 } from './gemma3.ts';
import { gpt2 } from './gpt2.ts';
import { lfm2 } from './lfm2.ts';
import { llama } from './llama.ts';
import { mistral } from './mistral.ts';
import { phi3 } from './phi3.ts';
import { qwen2 } from './qwen2.ts';
import { qwen3 } from './qwen3.ts';
import { smollm3 } from './smollm3.ts';

export const FAMILIES: readonly ModelFamily[] = [llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3, smollm3, phi3, lfm2, gpt2];

export interface ParsedModel { family: ModelFamily; config: DecoderConfig }

/** Family and parsed config for a config.json. Throws `model-family-unknown` or `model-config-invalid`. */
export function parseModel(json: Record<string, unknown>): ParsedModel {
  const type = json['model_type'];
  const family = FAMILIES.find((f) => f.id === type || f.aliases?.some((alias) => alias === type));
  if (family === undefined) {
    const known = FAMILIES.map((f) => f.id).join(', ');
    throw new AnnealError('model-family-unknown', `The model type ${JSON.stringify(type) ?? '(missing in config.json)'} is not supported; supported are ${known}.`, { type: String(type) });
  }
  return { family, config: family.parseConfig(json) };
}
