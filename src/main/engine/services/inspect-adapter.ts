/** What a PEFT adapter folder holds, before it is imported, and whether it fits a model: every adapted layer must be there with the same size. Reads the adapter once. */
import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import type { AdapterFacts } from '../../../shared/schema/adapter.ts';
import { loraAdapter } from '../../../shared/schema/recipe.ts';
import { hashFile } from '../io/hash-file.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { readPeftAdapter } from '../io/peft-adapter.ts';
import type { PeftAdapter } from '../io/peft-adapter.ts';
import { SCORE_HEAD } from '../models/sequence-classifier.ts';
import { parseModel } from '../models/index.ts';

/** `model`: folder of the model that it should fit, or null. Throws `file-not-found` (no adapter here), `adapter-invalid`, `safetensors-invalid`; a misfit is no error but `problem`. */
export function inspectAdapter(given: string, model: string | null): AdapterFacts {
  const path = resolve(given), weights = join(path, 'adapter_model.safetensors');
  if (!existsSync(join(path, 'adapter_config.json'))) throw new AnnealError('file-not-found', `There is no adapter_config.json in ${basename(path)}: choose a folder that PEFT or Anneal wrote.`);
  const adapter = readPeftAdapter(path), { config, pairs, replaced } = adapter;
  const { r, lora_alpha, lora_dropout, target_modules, use_rslora, use_dora, bias, rank_pattern, alpha_pattern } = config;
  const settings = loraAdapter.safeParse({ r, lora_alpha, lora_dropout, target_modules, use_rslora, use_dora, bias, rank_pattern, alpha_pattern, modules_to_save: config.modules_to_save ?? [], exclude_modules: config.exclude_modules ?? [], layers_to_transform: config.layers_to_transform ?? [] });
  if (!settings.success) throw new AnnealError('adapter-invalid', `adapter_config.json in ${basename(path)} holds settings that Anneal cannot train: ${settings.error.issues[0]?.path.join('.') ?? 'unknown'}.`);
  return {
    path, base: config.base_model_name_or_path === '' ? null : config.base_model_name_or_path, adapter: settings.data, layers: pairs.length,
    parameters: pairs.reduce((n, p) => n + p.a.length + p.b.length + (p.magnitude?.length ?? 0), 0) + [...replaced.values()].reduce((n, t) => n + t.data.length, 0),
    bytes: statSync(weights).size, weight_hash: hashFile(weights), problem: model === null ? null : misfit(adapter, model),
  };
}

function misfit({ pairs, replaced }: PeftAdapter, folder: string): string | null {
  const { family, config } = parseModel(openModelFolder(folder).config);
  const linears = new Map(family.linears(config).map((l) => [l.module, l])), known = new Set([...family.parameters(config).map((p) => p.name), 'lm_head.weight', SCORE_HEAD]);
  for (const p of pairs) {
    const layer = linears.get(p.module);
    if (layer === undefined) return `The adapter changes the layer "${p.module}", which this model does not have.`;
    if (layer.inFeatures !== p.inFeatures || layer.outFeatures !== p.outFeatures) return `The layer "${p.module}" is ${p.outFeatures} by ${p.inFeatures} in the adapter and ${layer.outFeatures} by ${layer.inFeatures} in this model.`;
  }
  for (const name of replaced.keys()) if (!known.has(name)) return `The adapter brings the parameter "${name}", which this model does not have.`;
  return null;
}
