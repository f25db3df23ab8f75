/** PEFT's default layers of a LoRA adapter, by model type. Source: peft 0.21, `TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING`. */

import { AnnealError } from '../../../shared/errors.ts';
import type { ParsedModel } from './index.ts';

/** Throws `recipe-value` with the names to choose from where PEFT has no default. */
export function defaultTargets({ family, config }: ParsedModel): readonly string[] {
  if (family.loraTargets.length > 0) return family.loraTargets;
  const names = [...new Set(family.linears(config).map((l) => l.module.split('.').at(-1)))].join(', ');
  throw new AnnealError('recipe-value', `PEFT has no default target_modules for ${family.id} models; name some of ${names} in adapter.target_modules, or say "all-linear".`);
}
