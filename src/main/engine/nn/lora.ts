/** What an adapter trains, laid out in one flat vector: A and B of each adapted layer, DoRA magnitudes, and copies of whole parameters (biases, modules_to_save). Source: Hu et al. 2021; rules of peft 0.21. */

import { AnnealError } from '../../../shared/errors.ts';
import { layerRank, layerScale } from '../../../shared/lora-scale.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { ParameterRange } from '../optim/adamw.ts';
import { isDecayed } from '../optim/decay-rule.ts';
import { matchModules, savedParameters, type Adaptable } from './match-modules.ts';
import { Random } from './random.ts';

/** a [r, in], b [out, r], magnitude [out]. `minus`: what the initialisation takes out of the base, filled when the values are made or read. */
export interface LoraSlot extends Adaptable { r: number; scale: number; a: ParameterRange; b: ParameterRange; magnitude?: ParameterRange; minus?: { a: Float32Array; b: Float32Array } }
/** `replaced`: ranges named like the parameters that they stand in for. */
export interface LoraPlan { config: LoraAdapter; slots: LoraSlot[]; replaced: ParameterRange[]; length: number }

export interface PlanContext {
  /** All parameters of the model, for biases and modules_to_save; with a tied head, a copy of it counts as one more. */
  parameters?: readonly { name: string; shape: readonly number[] }[];
  /** The initialisation may take its part out of the base: only at a fresh start. */
  fresh?: boolean;
}

export const takesFromBase = (init: LoraAdapter['init_lora_weights']): boolean => typeof init === 'string' && /^(pissa|olora)/.test(init);

export function planLora(linears: readonly Adaptable[], config: LoraAdapter, { parameters = [], fresh = true }: PlanContext = {}): LoraPlan {
  let offset = 0;
  const range = (name: string, shape: readonly number[]): ParameterRange => {
    const made = { name, shape, offset, length: shape.reduce((a, b) => a * b, 1), decay: isDecayed(name) };
    offset += made.length;
    return made;
  };
  const chosen = matchModules(linears, config);
  const slots = chosen.map((l): LoraSlot => {
    const r = layerRank(config, l.module);
    if (config.init_lora_weights === 'orthogonal' && r % 2 !== 0) throw new AnnealError('recipe-value', `init_lora_weights orthogonal needs an even rank, but ${l.module} has ${r}.`);
    if (fresh && takesFromBase(config.init_lora_weights) && r > Math.min(l.inFeatures, l.outFeatures)) throw new AnnealError('recipe-value', `init_lora_weights ${String(config.init_lora_weights)} needs a rank of at most ${Math.min(l.inFeatures, l.outFeatures)} for ${l.module}, but it has ${r}.`);
    return {
      ...l, r, scale: layerScale(config, l.module, r),
      a: range(`${l.module}.lora_A.weight`, [r, l.inFeatures]), b: range(`${l.module}.lora_B.weight`, [l.outFeatures, r]),
      ...(config.use_dora ? { magnitude: range(`${l.module}.lora_magnitude_vector`, [l.outFeatures]) } : {}),
      ...(fresh && takesFromBase(config.init_lora_weights) ? { minus: { a: new Float32Array(r * l.inFeatures), b: new Float32Array(l.outFeatures * r) } } : {}),
    };
  });
  const adapted = new Set(slots.map((s) => `${s.module}.bias`));
  const saved = new Set(savedParameters(parameters, config.modules_to_save).map((p) => p.name));
  const biases = (name: string): boolean => name.endsWith('.bias') && (config.bias === 'all' || (config.bias === 'lora_only' && adapted.has(name)));
  const replaced = parameters.filter((p) => saved.has(p.name) || biases(p.name)).map((p) => range(p.name, p.shape));
  return { config, slots, replaced, length: offset };
}

/** Fills a dropout mask from its own stream: 1 keeps, 0 drops. Two draws per 32-bit number, so the rate has a resolution of 1/65536. */
export function fillKeepMask(mask: Uint8Array, p: number, path: readonly number[]): void {
  const random = new Random(...path);
  const limit = Math.round(p * 65536);
  for (let i = 0; i < mask.length; i += 2) {
    const x = random.uint32();
    mask[i] = (x & 0xffff) >= limit ? 1 : 0;
    if (i + 1 < mask.length) mask[i + 1] = x >>> 16 >= limit ? 1 : 0;
  }
}
