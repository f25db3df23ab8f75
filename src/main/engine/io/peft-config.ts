/** adapter_config.json of a LoRA adapter: what of it we use, what we refuse, and what we write. Names and defaults of peft 0.21. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AnnealError } from '../../../shared/errors.ts';

const names = z.union([z.string(), z.array(z.string())]).nullish().transform((v) => v ?? null);
const orDefault = <T extends z.ZodType>(type: T, value: z.output<T>) => type.nullish().transform((v) => v ?? value);

const peftConfig = z.object({
  r: z.number().int().min(1), lora_alpha: z.number().positive(),
  lora_dropout: orDefault(z.number(), 0), use_rslora: orDefault(z.boolean(), false), use_dora: orDefault(z.boolean(), false),
  bias: orDefault(z.enum(['none', 'all', 'lora_only']), 'none'), fan_in_fan_out: orDefault(z.boolean(), false),
  target_modules: names.transform((v) => v ?? []), exclude_modules: names,
  layers_to_transform: z.union([z.number().int(), z.array(z.number().int())]).nullish().transform((v) => (v === null || v === undefined ? null : typeof v === 'number' ? [v] : v)),
  rank_pattern: orDefault(z.record(z.string(), z.number().int().min(1)), {}), alpha_pattern: orDefault(z.record(z.string(), z.number().positive()), {}),
  modules_to_save: z.array(z.string()).nullish().transform((v) => v ?? null),
  base_model_name_or_path: orDefault(z.string(), ''),
  /** `SEQ_CLS`: a reward model, whose scalar head is among modules_to_save. */
  task_type: z.string().nullish(),
});
export type PeftConfig = z.output<typeof peftConfig>;

/** Options of peft that change the forward pass and are not built: present and switched on, the adapter is refused by name. */
const REFUSED = ['lora_bias', 'target_parameters', 'trainable_token_indices', 'layer_replication', 'use_qalora', 'use_bdlora', 'arrow_config', 'alora_invocation_tokens', 'corda_config', 'megatron_config', 'monteclora_config', 'velora_config', 'kappa_tune_config'];
/** Initialisations that change the base: their adapter only fits the changed base, unless it was converted when it was saved. */
const MUTATING = /^(pissa|olora|corda|loftq)/;

const isOn = (value: unknown): boolean => value !== null && value !== undefined && value !== false && !(typeof value === 'object' && Object.keys(value).length === 0);

export function readPeftConfig(path: string, bad: (problem: string) => AnnealError): PeftConfig {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw bad('adapter_config.json is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('adapter_config.json is not a JSON object');
  const record = json as Record<string, unknown>;
  if (record['peft_type'] !== 'LORA') throw bad(`its type is ${String(record['peft_type'])}, only LORA is supported`);
  const option = REFUSED.find((key) => isOn(record[key]));
  if (option !== undefined) throw bad(`it uses ${option}, which is not supported`);
  const init = record['init_lora_weights'];
  if (typeof init === 'string' && MUTATING.test(init)) throw bad(`it was made with init_lora_weights "${init}" and not converted, so it belongs to a changed base; save it in PEFT with path_initial_model_for_weight_conversion`);
  const parsed = peftConfig.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(`its ${issue?.path.join('.') ?? 'config'} is not usable (${issue?.message ?? 'unknown'})`);
  }
  return parsed.data;
}

export function peftConfigText(config: PeftConfig): string {
  const json = {
    alpha_pattern: config.alpha_pattern, auto_mapping: null, base_model_name_or_path: config.base_model_name_or_path, bias: config.bias, exclude_modules: config.exclude_modules,
    fan_in_fan_out: config.fan_in_fan_out, inference_mode: true, init_lora_weights: true, layers_pattern: null, layers_to_transform: config.layers_to_transform, lora_alpha: config.lora_alpha, lora_bias: false,
    lora_dropout: config.lora_dropout, megatron_config: null, megatron_core: 'megatron.core', modules_to_save: config.modules_to_save, peft_type: 'LORA', peft_version: '0.21.0', r: config.r,
    rank_pattern: config.rank_pattern, revision: null, target_modules: config.target_modules, target_parameters: null, task_type: config.task_type ?? 'CAUSAL_LM', trainable_token_indices: null,
    use_dora: config.use_dora, use_rslora: config.use_rslora,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
