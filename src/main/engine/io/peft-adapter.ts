/** LoRA adapters in PEFT's folder format: adapter_model.safetensors and adapter_config.json, with PEFT's key names. Source: peft 0.21, `shared/spec/alignment.md` section 12. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { writeFileDurably } from './durable.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';
import { writeSafetensors } from './safetensors-write.ts';
import { readTensorFloats } from './tensor-read.ts';

/** What PEFT's config says about the adapter, in PEFT's words. */
export interface PeftConfig { r: number; lora_alpha: number; lora_dropout: number; use_rslora: boolean; target_modules: string[] | string; base_model_name_or_path: string }

/** One adapted linear layer: `module` is the dotted path in the model; a is [r, in], b is [out, r]. */
export interface AdapterPair { module: string; inFeatures: number; outFeatures: number; a: Float32Array; b: Float32Array }
export interface PeftAdapter { config: PeftConfig; pairs: AdapterPair[] }

const PREFIX = 'base_model.model.';

/** Tensor name that PEFT gives to a side of a pair. */
export function peftKey(module: string, side: 'A' | 'B'): string { return `${PREFIX}${module}.lora_${side}.weight`; }

export function writePeftAdapter(folder: string, adapter: PeftAdapter): void {
  const { config, pairs } = adapter;
  const json = {
    alpha_pattern: {}, auto_mapping: null, base_model_name_or_path: config.base_model_name_or_path, bias: 'none', exclude_modules: null, fan_in_fan_out: false, inference_mode: true,
    init_lora_weights: true, layers_pattern: null, layers_to_transform: null, lora_alpha: config.lora_alpha, lora_bias: false, lora_dropout: config.lora_dropout, megatron_config: null,
    megatron_core: 'megatron.core', modules_to_save: null, peft_type: 'LORA', peft_version: '0.21.0', r: config.r, rank_pattern: {}, revision: null, target_modules: config.target_modules,
    target_parameters: null, task_type: 'CAUSAL_LM', trainable_token_indices: null, use_dora: false, use_rslora: config.use_rslora,
  };
  writeFileDurably(join(folder, 'adapter_config.json'), `${JSON.stringify(json, null, 2)}\n`);
  const tensors = pairs.flatMap((p) => [
    { name: peftKey(p.module, 'A'), shape: [config.r, p.inFeatures], dtype: 'F32' as const, data: () => p.a },
    { name: peftKey(p.module, 'B'), shape: [p.outFeatures, config.r], dtype: 'F32' as const, data: () => p.b },
  ]);
  tensors.sort((x, y) => (x.name < y.name ? -1 : 1));
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, { format: 'pt' });
}

/** Reads an adapter folder. Throws `adapter-invalid` for anything but plain LoRA on linear layers. */
export function readPeftAdapter(folder: string): PeftAdapter {
  const bad = (problem: string): AnnealError => new AnnealError('adapter-invalid', `The adapter in ${basename(folder)} cannot be used: ${problem}.`, { folder: basename(folder) });
  const configPath = join(folder, 'adapter_config.json');
  const weightPath = join(folder, 'adapter_model.safetensors');
  for (const path of [configPath, weightPath]) if (!existsSync(path)) throw bad(`${basename(path)} is missing`);
  const config = parseConfig(configPath, bad);
  const found = new Map<string, { a?: Float32Array; b?: Float32Array; inFeatures: number; outFeatures: number }>();
  for (const entry of readSafetensorsHeader(weightPath).tensors.values()) {
    const match = /^(?:base_model\.model\.)?(.+)\.lora_(A|B)(?:\.default)?\.weight$/.exec(entry.name);
    if (match === null) throw bad(`tensor "${entry.name}" is not part of a plain LoRA adapter (DoRA, embeddings and saved modules are not supported)`);
    const module = match[1]!;
    const pair = found.get(module) ?? { inFeatures: 0, outFeatures: 0 };
    const [rows, columns] = entry.shape;
    if (entry.shape.length !== 2 || (match[2] === 'A' ? rows : columns) !== config.r) throw bad(`tensor "${entry.name}" has shape [${entry.shape.join(', ')}], which does not fit rank ${config.r}`);
    if (match[2] === 'A') {
      pair.a = readTensorFloats(entry);
      pair.inFeatures = columns!;
    } else {
      pair.b = readTensorFloats(entry);
      pair.outFeatures = rows!;
    }
    found.set(module, pair);
  }
  const pairs: AdapterPair[] = [];
  for (const [module, pair] of found) {
    if (pair.a === undefined || pair.b === undefined) throw bad(`module "${module}" has only one of lora_A and lora_B`);
    pairs.push({ module, inFeatures: pair.inFeatures, outFeatures: pair.outFeatures, a: pair.a, b: pair.b });
  }
  if (pairs.length === 0) throw bad('it holds no tensors');
  return { config, pairs };
}

function parseConfig(path: string, bad: (problem: string) => AnnealError): PeftConfig {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    throw bad('adapter_config.json is not JSON');
  }
  const { r, lora_alpha: alpha, lora_dropout: dropout, target_modules: targets, base_model_name_or_path: base } = json;
  if (json['peft_type'] !== 'LORA') throw bad(`its type is ${String(json['peft_type'])}, only LORA is supported`);
  if (json['use_dora'] === true) throw bad('it is a DoRA adapter, which is not supported');
  for (const key of ['rank_pattern', 'alpha_pattern']) {
    const value = json[key];
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) throw bad(`it uses ${key}, which is not supported`);
  }
  if (typeof r !== 'number' || !Number.isInteger(r) || r < 1) throw bad('its rank r is not a positive integer');
  if (typeof alpha !== 'number') throw bad('its lora_alpha is not a number');
  const modules = typeof targets === 'string' ? targets : Array.isArray(targets) ? targets.map(String) : [];
  return { r, lora_alpha: alpha, lora_dropout: typeof dropout === 'number' ? dropout : 0, use_rslora: json['use_rslora'] === true, target_modules: modules, base_model_name_or_path: typeof base === 'string' ? base : '' };
}
